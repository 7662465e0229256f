//! Intents from JSON: what is read, and where a mistake is pointed at.

use remit_model::{Bound, Value};

use super::*;

fn emma() -> EntityRef {
    EntityRef::new(Name::new("user").unwrap(), "emma")
}

fn read(text: &str) -> Json<'_> {
    remit_json::parse(text.as_bytes(), &remit_json::Limits::default()).unwrap()
}

fn pointer(fault: Fault) -> String {
    let Fault::BadRequest { pointer: Some(pointer), .. } = fault else { panic!("{fault}") };
    pointer
}

const WHOLE: &str = r#"{"tasks":[{"name":"pay","actions":["transfer"],"resource":{"type":"account"},
    "arguments":{"to":{"origins":["literal",{"record":"supplier","attribute":"iban"},{"result":"look_up","path":"iban"},"created",{"text":"mail"},{"one_of":["x"]}]},
                 "amount":{"at_most":500,"optional":true},"currency":{"equals":"INR"},"kind":{"one_of":["a","b"]},"ref":{"prefix":"INV-"}},
    "after":["look_up"],"at_most":1,"budgets":{"amount":900},"closed":true},
    {"name":"look_up","actions":["read"],"resource":{"one_of":[{"type":"invoice","id":"1"}]}}],
    "skills":[{"type":"skill","id":"s"}],"hops_at_most":2,"records":[{"type":"supplier","id":"acme"}],
    "links":["HTTPS://Files.example/Plan","www.files.example"]}"#;

#[test]
fn a_stated_intent_is_read_whole_and_member_order_is_no_meaning() {
    let intent = stated(&read(WHOLE), &emma(), "/intent").unwrap();
    let pay = intent.task("pay").unwrap();
    assert_eq!((pay.at_most, pay.closed, pay.after.len(), pay.arguments.len()), (Some(1), true, 1, 5));
    assert_eq!(pay.arguments["to"].origins.as_ref().unwrap().len(), 6);
    assert_eq!(pay.arguments["currency"].bound, Bound::Exactly(Value::string("INR")));
    assert_eq!(pay.budgets["amount"], Number::from(900));
    assert!(pay.arguments["amount"].optional);
    assert_eq!(intent.hops_at_most, Some(2));
    assert_eq!(
        intent.links.iter().collect::<Vec<_>>(),
        ["https://files.example/Plan", "https://www.files.example/"]
    );
    let turned = WHOLE.replacen(
        r#""name":"pay","actions":["transfer"],"#,
        r#""actions":["transfer"],"name":"pay","#,
        1,
    );
    assert_eq!(stated(&read(&turned), &emma(), "").unwrap().hash(), intent.hash());
    let other = WHOLE.replacen("900", "901", 1);
    assert_ne!(stated(&read(&other), &emma(), "").unwrap().hash(), intent.hash());
}

#[test]
fn what_is_wrong_in_an_intent_is_named_by_its_place() {
    let table = [
        (r#""closed":true"#, r#""closed":1"#, "/intent/tasks/0/closed"),
        (r#""at_most":500"#, r#""at_most":500,"equals":3"#, "/intent/tasks/0/arguments/amount"),
        (r#"["transfer"]"#, "[]", "/intent/tasks/0"),
        (r#"{"type":"account"}"#, r#"{"type":"account","relation":"r"}"#, "/intent/tasks/0/resource"),
        (r#""created""#, r#""made""#, "/intent/tasks/0/arguments/to/origins/3"),
        (r#""hops_at_most":2"#, r#""hops":2"#, "/intent/hops"),
        (r#""hops_at_most":2"#, r#""hops_at_most":-1"#, "/intent/hops_at_most"),
        (r#""id":"acme""#, r#""id":7"#, "/intent/records/0/id"),
        (r#""www.files.example""#, r#""see www.files.example""#, "/intent/links/1"),
    ];
    for (from, to, place) in table {
        let text = WHOLE.replacen(from, to, 1);
        assert_ne!(text, WHOLE, "{from}");
        assert_eq!(pointer(stated(&read(&text), &emma(), "/intent").unwrap_err()), place);
    }
}

#[test]
fn quads_are_read_in_both_forms_and_other_types_are_left_alone() {
    let one = r#"{"type":"AuthZEN_Evaluation","request":{"subject":{"type":"user","id":"emma"},"action":{"name":"read"},"resource":{"type":"doc","id":"1"}}}"#;
    let many = r#"{"type":"authzen_evaluations","request":{"subject":{"type":"user","id":"emma"},"action":{"name":"read"},"evaluations":[{"resource":{"type":"doc","id":"2"}},{"resource":{"type":"doc","id":"3"}}]}}"#;
    let other = r#"{"type":"payment","amount":3}"#;
    let intent = quads(&read(&format!("[{one},{many},{other}]")), &emma(), "").unwrap();
    assert_eq!(intent.tasks.len(), 3);
    let sibling = one.replacen(r#""request""#, r#""locations":[],"request""#, 1);
    assert_eq!(pointer(quads(&read(&format!("[{sibling}]")), &emma(), "/d").unwrap_err()), "/d/0/locations");
    let foreign = one.replacen("emma", "mallory", 1);
    assert_eq!(pointer(quads(&read(&format!("[{foreign}]")), &emma(), "/d").unwrap_err()), "/d/0/request");
    let broken = one.replacen(r#""name""#, r#""nome""#, 1);
    assert_eq!(
        pointer(quads(&read(&format!("[{broken}]")), &emma(), "/d").unwrap_err()),
        "/d/0/request/action/name"
    );
}
