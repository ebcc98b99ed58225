use super::*;

fn shown(words: &[&str]) -> String {
    let args: Vec<String> = words[1..].iter().map(|&word| word.to_owned()).collect();
    command(words[0], &args)
}

#[test]
fn secrets_are_masked_and_the_rest_stays() {
    let cases: [(&[&str], &str); 5] = [
        (
            &[
                "redis-server",
                "--requirepass",
                "hunter2",
                "--maxmemory",
                "64mb",
            ],
            "redis-server --requirepass ••• --maxmemory 64mb",
        ),
        (
            &["app", "--api-key=hunter2", "--port=80", "-v"],
            "app --api-key=••• --port=80 -v",
        ),
        (
            &["app", "postgres://ytops:hunter2@db:5432/x?y=z"],
            "app postgres://ytops:•••@db:5432/x?y=z",
        ),
        (
            &[
                "sh",
                "-c",
                "DB_PASSWORD=hunter2 exec app --token hunter2 --port 80",
            ],
            "sh -c DB_PASSWORD=••• exec app --token ••• --port 80",
        ),
        (&["nginx", "-g", "daemon off;"], "nginx -g daemon off;"),
    ];
    for (words, expected) in cases {
        assert_eq!(shown(words), expected);
    }
}

#[test]
fn the_value_of_every_assignment_is_masked() {
    let cases: [(&[&str], &str); 5] = [
        (
            &["env", "N8N_ENCRYPTION_KEY=hunter2", "n8n"],
            "env N8N_ENCRYPTION_KEY=••• n8n",
        ),
        (
            &["env", "STRIPE_SECRET=hunter2 hunter3", "app"],
            "env STRIPE_SECRET=••• app",
        ),
        (
            &["sh", "-ec", "A='hunter2 hunter3' B=hunter2 app --port 80"],
            "sh -ec A=••• B=••• app --port 80",
        ),
        (
            &["bash", "-c", "su -c \"KEY=hunter2 app\" && (X=hunter2 y)"],
            "bash -c su -c KEY=••• app && (X=••• y)",
        ),
        (&["app", "-c", "KEY=hunter2 hunter3"], "app -c KEY=•••"),
    ];
    assert_eq!(shown(&["sh", "-c", "KEY=hunter2"]), "sh -c KEY=•••");
    for (words, expected) in cases {
        assert_eq!(shown(words), expected);
    }
    assert_eq!(
        shown(&["sh", "-c", "echo it's fine"]),
        "sh -c echo it's fine"
    );
    let mut nested = "KEY=hunter2 app".to_owned();
    for _ in 0..40 {
        nested = format!("sh -c '\"{nested}\"'");
        assert!(!shown(&["sh", "-c", &nested]).contains("hunter"));
    }
    // A quote that is not closed hides the rest rather than showing a part.
    let open = shown(&["sh", "-c", "A=\"hunter2 hunter3 app"]);
    assert!(!open.contains("hunter"), "{open}");
}

#[test]
fn short_options_are_masked_for_the_programs_that_take_secrets_so() {
    let cases: [(&[&str], &str); 6] = [
        (
            &["mysqldump", "-uroot", "-phunter2", "shop"],
            "mysqldump -uroot -p••• shop",
        ),
        (
            &["/usr/bin/redis-cli", "-h", "db", "-a", "hunter2", "ping"],
            "/usr/bin/redis-cli -h db -a ••• ping",
        ),
        (
            &[
                "sh",
                "-c",
                "until redis-cli -a hunter2 ping; do sleep 1; done",
            ],
            "sh -c until redis-cli -a ••• ping; do sleep 1; done",
        ),
        (&["sshpass", "-p", "hunter2", "ssh"], "sshpass -p ••• ssh"),
        (&["server", "-p8080", "-a", "b"], "server -p8080 -a b"),
        (
            &["redis-server", "requirepass", "hunter2"],
            "redis-server requirepass •••",
        ),
    ];
    for (words, expected) in cases {
        assert_eq!(shown(words), expected);
    }
}

#[test]
fn a_command_of_any_length_is_cut() {
    let long = "é".repeat(100_000);
    assert_eq!(shown(&["a", &long, &long]).chars().count(), LONGEST);
}
