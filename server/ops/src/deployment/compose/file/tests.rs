#![expect(clippy::unwrap_used, reason = "a test may stop")]
use super::*;

fn read(text: &str) -> ComposeFile {
    let variables = Variables::from([("TAG".to_owned(), "15".to_owned())]);
    ComposeFile::read(&Node::parse(text).unwrap(), &variables, &|path| {
        (path == "a.env").then(|| BTreeSet::from(["FROM_FILE".to_owned()]))
    })
    .unwrap()
}

#[test]
fn a_service_is_read_in_full() {
    let file = read(
        "x: &x {mem_limit: 128m}\nservices:\n  db:\n    <<: *x\n    image: postgres:${TAG}\n    cpus: 0.5\n    \
         env_file: [a.env]\n    environment: {A: 1, B: , C: ''}\n    ports: ['127.0.0.1:${TAG}:5432']\n    \
         labels: [ytops.team=data]\n  web:\n    build: .\n    profiles: [debug]\n    deploy: {resources: {limits: {cpus: '2', memory: 1g}}}\n",
    );
    let [db, web] = &file.services[..] else {
        unreachable!()
    };
    assert_eq!(
        (db.name.as_str(), db.image.as_deref(), db.team.as_str()),
        ("db", Some("postgres:15"), "data")
    );
    assert_eq!(
        (db.cpus, db.memory),
        (Asked::For(0.5), Asked::For(128 << 20))
    );
    let names: Vec<_> = db
        .environment
        .iter()
        .flatten()
        .map(String::as_str)
        .collect();
    assert_eq!(names, ["A", "C", "FROM_FILE"]);
    assert!(db.handed_on.contains("B"));
    assert_eq!(db.ports.as_ref().unwrap()[0].published, Some(15..=15));
    assert!(!db.optional && web.optional && web.builds && web.image.is_none());
    assert_eq!(
        (web.cpus, web.memory),
        (Asked::For(2.0), Asked::For(1 << 30))
    );
    assert_eq!(file.unknown, None);
}

#[test]
fn what_can_not_be_known_is_left_open() {
    let file = read(
        "services:\n  a:\n    image: x:${NONE}\n    env_file: gone.env\n    ports: ['${NONE}:80']\n    mem_limit: ${NONE}\n",
    );
    let a = &file.services[0];
    assert_eq!((&a.image, &a.ports, &a.environment), (&None, &None, &None));
    assert_eq!((a.cpus, a.memory), (Asked::Nothing, Asked::Unknown));
    assert!(file.unknown.unwrap().contains("environment of a"));
}

#[test]
fn what_is_no_compose_file_is_refused() {
    for text in [
        "root:x:0:0:root:/root:/bin/bash",
        "[]",
        "",
        "services:",
        "services: 5",
    ] {
        let node = Node::parse(text).unwrap();
        assert!(
            ComposeFile::read(&node, &Variables::new(), &|_| None).is_err(),
            "{text}"
        );
    }
}
