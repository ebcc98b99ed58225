//! The types of form fields, looked at by name before a server function reads them: the functions' own decoder says that
//! a number is none, but not which.

use types::{
    Error, FieldError, Role,
    charts::View,
    deployment::Operation,
    runbooks::{Act, Plan},
};

use super::form::MOST_ERRORS;

/// Fields of the same name have the same type in every server function.
///
/// # Errors
/// `Invalid` naming each field whose value is none of its type, or that is given more than once.
pub fn check(pairs: &[(String, String)]) -> Result<(), Error> {
    let refused: Vec<FieldError> = pairs
        .iter()
        .enumerate()
        .filter_map(|(at, (name, value))| {
            // Enough are looked at to name those that a page has.
            let again = pairs
                .iter()
                .take(at.min(MOST_PAIRS))
                .any(|(other, _)| other == name);
            refusal(name, value, again)
        })
        .take(MOST_ERRORS)
        .collect();
    if refused.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid { fields: refused })
    }
}

/// No form has as many fields.
const MOST_PAIRS: usize = 100;

fn refusal(name: &str, value: &str, again: bool) -> Option<FieldError> {
    let (base, part) = name.split_once('[').map_or((name, None), |(base, part)| {
        (base, Some(part.trim_end_matches(']')))
    });
    let (field, message) = match (base, part) {
        // A list: `teams[]` or `teams[0]`.
        ("teams" | "targets", Some(_)) => (base, whole(value)),
        ("only", Some(_)) => return None,
        ("teams" | "targets" | "only", None) => (base, Some(format!("Give it as {base}[]."))),
        ("filter", Some("before")) => ("before", whole_or_none(value)),
        ("filter", Some(part)) => (part, once(again)),
        ("filter", None) => (base, Some("Give its parts, like filter[actor].".to_owned())),
        (_, Some(_)) => (base, Some("Give one value.".to_owned())),
        (_, None) if again => (base, once(again)),
        ("id", None) => (base, whole(value)),
        ("user" | "before", None) => (base, whole_or_none(value)),
        ("role", None) => (base, one_of(value, Role::ALL.map(Role::as_str).as_slice())),
        ("view", None) => (base, one_of(value, View::ALL.map(View::as_str).as_slice())),
        ("points", None) => (base, up_to(value, u16::MAX.into())),
        ("before_s", None) => (base, up_to(value, u32::MAX)),
        ("disabled", None) => (base, one_of(value, &["true", "false"])),
        ("plan", None) => (base, one_of(value, Plan::ALL.map(Plan::as_str).as_slice())),
        ("act", None) => (base, one_of(value, Act::ALL.map(Act::as_str).as_slice())),
        ("place", None) => (base, up_to(value, i16::MAX.unsigned_abs().into())),
        ("way", None) => (base, one_of(value, &["in_place", "beside"])),
        ("operation", None) => (
            base,
            one_of(
                value,
                [Operation::Start, Operation::Stop, Operation::Restart]
                    .map(Operation::as_str)
                    .as_slice(),
            ),
        ),
        _ => return None,
    };
    message.map(|message| FieldError {
        field: super::form::shown(field),
        message,
    })
}

fn whole(value: &str) -> Option<String> {
    value
        .parse::<i64>()
        .is_err()
        .then(|| "Give a whole number.".to_owned())
}

fn up_to(value: &str, most: u32) -> Option<String> {
    let number = value.parse::<u32>().ok().filter(|number| *number <= most);
    number
        .is_none()
        .then(|| format!("Give a whole number from 0 to {most}."))
}

fn whole_or_none(value: &str) -> Option<String> {
    if value.is_empty() { None } else { whole(value) }
}

fn one_of(value: &str, allowed: &[&str]) -> Option<String> {
    (!allowed.contains(&value)).then(|| format!("Choose one of {}.", allowed.join(", ")))
}

fn once(again: bool) -> Option<String> {
    again.then(|| "Give it once.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(form: &str) -> Vec<String> {
        let pairs = super::super::form::pairs(form.as_bytes()).unwrap_or_default();
        match check(&pairs) {
            Err(Error::Invalid { fields }) => fields.into_iter().map(|one| one.field).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn what_is_none_of_its_type_is_named() {
        for (form, field) in [
            ("id=abc", "id"),
            ("id=", "id"),
            ("id=1.5", "id"),
            ("id=99999999999999999999", "id"),
            ("id[]=1", "id"),
            ("id=1&id=2", "id"),
            ("user=me", "user"),
            ("before=then", "before"),
            ("filter[before]=then", "before"),
            ("filter=x", "filter"),
            ("role=boss", "role"),
            ("disabled=maybe", "disabled"),
            ("operation=x", "operation"),
            ("plan=x", "plan"),
            ("act=x", "act"),
            ("place=99999", "place"),
            ("teams[]=x", "teams"),
            ("teams[0]=1&teams[1]=", "teams"),
            ("teams=1", "teams"),
            ("email[a]=x", "email"),
        ] {
            assert_eq!(refused(form), [field], "{form}");
        }
    }

    #[test]
    fn what_pages_send_passes() {
        for form in [
            "id=-1&disabled=false&role=team_lead&teams[]=1&teams[]=2",
            "operation=restart&project=a&service=b",
            "user=&before=7&filter[actor]=%5B&filter[before]=9",
            "",
        ] {
            assert!(refused(form).is_empty(), "{form}");
        }
    }

    #[test]
    fn a_flood_of_wrong_fields_is_answered_shortly() {
        assert_eq!(refused(&"id=x&".repeat(10_000)).len(), MOST_ERRORS);
    }
}
