//! Field by field: what is inside, what is wider, and what is said of it.

use std::collections::BTreeSet;

use remit_model::narrow::{Widening, strays, widenings};
use remit_model::{Argument, Bound, EntityRef, Intent, Name, Number, Origin, Scope, Value};

use crate::random::Random;
use crate::world::{at, document, folder, intent, name, tree};

/// An intent of one task; whatever else it says is the same each time.
fn plain() -> Intent {
    let mut intent = intent(&mut Random::new(7));
    intent.tasks.truncate(1);
    (intent.hops_at_most, intent.not_before, intent.not_after) = (None, None, None);
    intent
}

fn reaching(scope: &Scope) -> Intent {
    let mut intent = plain();
    intent.tasks[0].resource = scope.clone();
    intent
}

fn kinds(all: &[&str]) -> Scope {
    Scope::AnyOf(all.iter().map(|it| name(it)).collect())
}

fn one_of(all: &[EntityRef]) -> Scope {
    Scope::OneOf(all.iter().cloned().collect())
}

fn under(root: usize, by: &str) -> Scope {
    Scope::Under(folder(root), name(by))
}

#[test]
fn a_scope_is_inside_another_only_when_all_that_it_can_hold_is() {
    let (documents, folders) = (Scope::Any(name("document")), Scope::Any(name("folder")));
    let both = kinds(&["document", "folder"]);
    for (child, parent, inside) in [
        (&documents, &documents, true),
        (&documents, &folders, false),
        (&documents, &both, true),
        (&documents, &kinds(&["folder"]), false),
        (&both, &both, true),
        (&kinds(&["document"]), &documents, true),
        (&kinds(&["document"]), &folders, false),
        (&both, &documents, false),
        (&kinds(&["document"]), &both, true),
        (&both, &kinds(&["document"]), false),
        (&one_of(&[document(0)]), &documents, true),
        (&one_of(&[document(0), folder(0)]), &documents, false),
        (&one_of(&[document(0), folder(0)]), &both, true),
        (&one_of(&[document(0)]), &one_of(&[document(0), document(1)]), true),
        (&one_of(&[document(0), document(2)]), &one_of(&[document(0), document(1)]), false),
        (&one_of(&[document(2)]), &under(0, "parent"), true),
        (&one_of(&[document(4)]), &under(0, "parent"), false),
        (&one_of(&[document(2)]), &under(0, "likes"), false),
        (&under(0, "parent"), &under(0, "parent"), true),
        (&under(1, "parent"), &under(0, "parent"), true),
        (&under(0, "parent"), &under(1, "parent"), false),
        (&under(2, "parent"), &under(0, "parent"), false),
        (&under(0, "parent"), &under(0, "likes"), false),
        (&under(1, "likes"), &under(0, "parent"), false),
        (&under(1, "parent"), &documents, false),
        (&under(1, "parent"), &both, false),
        (&under(1, "parent"), &one_of(&[document(2), document(3)]), false),
        (&documents, &one_of(&[document(0)]), false),
        (&documents, &under(0, "parent"), false),
        (&kinds(&["document"]), &under(0, "parent"), false),
        (&kinds(&["document"]), &one_of(&[document(0)]), false),
    ] {
        let found = widenings(&reaching(child), &reaching(parent), &tree());
        let fields: BTreeSet<&str> = found.iter().map(|it| it.field.as_str()).collect();
        let expected = if inside { BTreeSet::new() } else { BTreeSet::from(["tasks.look.resource"]) };
        assert_eq!(fields, expected, "{child:?} in {parent:?}");
        let strayed = strays(&reaching(child), &reaching(parent), &tree());
        assert_eq!(strayed, found, "beside each other: {child:?} in {parent:?}");
    }
}

/// What is found when one side is changed, as `field: child, not parent`.
fn told(child: impl Fn(&mut Intent), parent: impl Fn(&mut Intent)) -> Vec<String> {
    let (mut inner, mut outer) = (plain(), plain());
    child(&mut inner);
    parent(&mut outer);
    let line = |it: Widening| {
        assert_eq!(
            it.task.as_ref().map(Name::as_str),
            it.field.strip_prefix("tasks.").and_then(|it| it.split('.').next())
        );
        format!("{}: {}, not {}", it.field, it.child, it.parent)
    };
    widenings(&inner, &outer, &tree()).into_iter().map(line).collect()
}

#[test]
fn each_widening_says_what_both_sides_say() {
    let same = |_: &mut Intent| {};
    assert_eq!(told(same, same), Vec::<String>::new());
    let of = |template: Option<&'static str>| move |it: &mut Intent| it.template = template.map(name);
    assert_eq!(told(of(Some("core.a")), of(Some("core.a"))), Vec::<String>::new());
    assert_eq!(told(of(Some("core.a")), of(None)), Vec::<String>::new());
    assert_eq!(told(of(None), of(Some("core.a"))), ["template: none, not core.a"]);
    assert_eq!(told(of(Some("core.b")), of(Some("core.a"))), ["template: core.b, not core.a"]);
    let hops = |most: Option<u32>| move |it: &mut Intent| it.hops_at_most = most;
    assert_eq!(told(hops(Some(3)), hops(Some(2))), ["hops_at_most: 3, not 2"]);
    assert_eq!(told(hops(None), hops(Some(2))), ["hops_at_most: none, not 2"]);
    assert_eq!(told(hops(Some(2)), hops(Some(2))), Vec::<String>::new());
    assert_eq!(told(hops(Some(2)), hops(None)), Vec::<String>::new());
    let until = |day: i64| move |it: &mut Intent| it.not_after = Some(at(day));
    assert_eq!(told(until(2), until(1)), [format!("not_after: {}, not {}", at(2), at(1))]);
    assert_eq!(told(until(1), until(2)), Vec::<String>::new());
    let from = |day: i64| move |it: &mut Intent| it.not_before = Some(at(day));
    assert_eq!(told(from(1), from(2)), [format!("not_before: {}, not {}", at(1), at(2))]);
    assert_eq!(told(from(2), from(1)), Vec::<String>::new());
    let more = |it: &mut Intent| {
        let mut task = it.tasks[0].clone();
        task.name = name("extra");
        it.tasks.push(task);
    };
    assert_eq!(told(more, same), ["tasks.extra: a task, not no such task"]);
    assert_eq!(told(same, more), Vec::<String>::new());
    let on = |scope: Scope| move |it: &mut Intent| it.tasks[0].resource = scope.clone();
    let documents = Scope::Any(name("document"));
    let two = one_of(&[document(0), document(1)]);
    for (child, parent, line) in [
        (kinds(&["document", "folder"]), documents.clone(), "any document, folder, not any document"),
        (two.clone(), one_of(&[document(0)]), "document:\"d0\", document:\"d1\", not document:\"d0\""),
        (
            under(0, "parent"),
            under(1, "parent"),
            "under folder:\"f0\" by parent, not under folder:\"f1\" by parent",
        ),
    ] {
        assert_eq!(told(on(child), on(parent)), [format!("tasks.look.resource: {line}")]);
    }
    let skills = |all: &[EntityRef]| {
        let all: BTreeSet<EntityRef> = all.iter().cloned().collect();
        move |it: &mut Intent| it.skills = Some(all.clone())
    };
    let (one, both) = ([document(0)], [document(0), document(1)]);
    assert_eq!(
        told(skills(&both), skills(&one)),
        ["skills: document:\"d0\", document:\"d1\", not document:\"d0\""]
    );
    assert_eq!(told(skills(&one), skills(&both)), Vec::<String>::new());
    let sum = |most: i64, origins: Option<Origin>| {
        let bound = Bound::Between { low: None, high: Some(Value::Number(Number::from(most))) };
        let origins = origins.map(|only| BTreeSet::from([only]));
        let argument = Argument { bound, origins, optional: false };
        move |it: &mut Intent| it.tasks[0].arguments = [("sum".into(), argument.clone())].into()
    };
    assert_eq!(
        told(sum(6, None), sum(5, Some(Origin::Literal))),
        [
            "tasks.look.arguments.sum: {\"between\":[null,6]}, not {\"between\":[null,5]}",
            "tasks.look.arguments.sum.origins: any, not \"literal\"",
        ]
    );
    let unnamed = |it: &mut Intent| it.tasks[0].arguments.clear();
    assert_eq!(
        told(unnamed, sum(5, Some(Origin::Literal))),
        ["tasks.look.arguments.sum: any, not {\"between\":[null,5]} from \"literal\""]
    );
    assert_eq!(told(sum(5, Some(Origin::Literal)), sum(5, Some(Origin::Literal))), Vec::<String>::new());
    // What has an end that is no point admits nothing, and so is inside everything that may not be absent.
    let ends = |low: Option<Value>, high: Option<Value>| {
        let argument = Argument::bound(Bound::Between { low, high });
        move |it: &mut Intent| it.tasks[0].arguments = [("sum".into(), argument.clone())].into()
    };
    let (number, text) = (|of| Some(Value::Number(Number::from(of))), || Some(Value::string("x")));
    assert_eq!(told(ends(text(), number(9)), sum(5, None)), Vec::<String>::new());
    assert_eq!(told(ends(number(1), text()), sum(5, None)), Vec::<String>::new());
    assert_eq!(told(ends(number(1), number(9)), sum(5, None)).len(), 1);
    // A closed task has no argument but those it names; beside others, one that may be absent is.
    let closed = |named: &'static str| {
        move |it: &mut Intent| {
            it.tasks[0].closed = true;
            it.tasks[0].arguments = [(named.into(), Argument::any())].into();
        }
    };
    let may_be_absent = |it: &mut Intent| {
        sum(5, None)(it);
        it.tasks[0].arguments.values_mut().for_each(|argument| argument.optional = true);
    };
    assert_eq!(told(closed("summary"), may_be_absent), Vec::<String>::new());
    assert_eq!(
        told(closed("summary"), sum(5, None)),
        ["tasks.look.arguments.sum: absent, not {\"between\":[null,5]}"]
    );
    assert_eq!(
        told(closed("sum.part"), may_be_absent),
        ["tasks.look.arguments.sum: any, not {\"between\":[null,5]}"]
    );
    let times = |most: u32| move |it: &mut Intent| it.tasks[0].at_most = Some(most);
    assert_eq!(told(times(3), times(2)), ["tasks.look.at_most: 3, not 2"]);
    assert_eq!(told(times(2), times(3)), Vec::<String>::new());
    let total = |most: &'static str| {
        move |it: &mut Intent| {
            let most = Number::parse(most).expect("a number");
            it.tasks[0].budgets = [("sum".into(), most)].into();
        }
    };
    assert_eq!(told(total("2.5"), total("2")), ["tasks.look.budgets.sum: 2.5, not 2"]);
    assert_eq!(told(total("2"), total("2")), Vec::<String>::new());
    let none = |it: &mut Intent| it.tasks[0].budgets.clear();
    assert_eq!(told(none, total("2")), ["tasks.look.budgets.sum: none, not 2"]);
    assert_eq!(told(total("2"), none), Vec::<String>::new());
}

#[test]
fn an_intent_beside_one_without_tasks_strays_with_each_of_its_own() {
    let mut none = plain();
    none.tasks.clear();
    let found = strays(&plain(), &none, &tree());
    let told: Vec<_> = found.iter().map(|it| (it.field.as_str(), &*it.child, &*it.parent)).collect();
    assert_eq!(told, [("tasks.look", "a task", "no task at all")]);
    assert_eq!(strays(&none, &plain(), &tree()), []);
}
