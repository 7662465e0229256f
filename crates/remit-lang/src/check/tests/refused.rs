//! Errors: code, refused text, accepted neighbour.

use super::assert_table;

pub(super) const TABLE: &[(&str, &str, &str)] = &[
    // names
    ("check/unknown-type", "permit a for «usr» to read", "permit a for user to read"),
    (
        "check/unknown-type",
        "permit a to read on doc when subject == «grup»:x",
        "permit a for user to read when subject == user:x",
    ),
    (
        "check/unknown-type",
        "entity e { a: «strng» }\npermit a for e to read",
        "entity e { a: string }\npermit a for e to read",
    ),
    ("check/unknown-type", "action go on «dok»\npermit a to go", "action go on doc\npermit a to go"),
    ("check/unknown-action", "permit a to «raed»", "permit a to read"),
    (
        "check/unknown-limit",
        "permit a to read when resource.size < limits.«mots»",
        "permit a to read when resource.size < limits.most",
    ),
    (
        "check/unknown-source",
        "entity e { a: string from «grph» }\npermit a for e to read",
        "entity e { a: string from graph }\npermit a for e to read",
    ),
    (
        "check/source-twice",
        "entity e { a: string from graph or «graph» }\npermit a for e to read",
        "entity e { a: string from graph or token }\npermit a for e to read",
    ),
    (
        "check/unknown-severity",
        "forbid a to read when resource.size > 1 severity «hihg»",
        "forbid a to read when resource.size > 1 severity high",
    ),
    (
        "check/unknown-name",
        "permit a to read when resource.class >= low and «sbject» is user",
        "permit a to read when resource.class >= low and subject is user",
    ),
    (
        "check/unknown-name",
        "permit a for user to read when subject.name == «alice»",
        "permit a for user to read when subject.name == \"alice\"",
    ),
    (
        "check/unknown-attribute",
        "permit a to read when resource.«sise» > 1",
        "permit a to read when resource.size > 1",
    ),
    (
        "check/unknown-attribute",
        "permit a for user to read when subject.boss.«nane» == \"x\"",
        "permit a for user to read when subject.boss.name == \"x\"",
    ),
    (
        "check/unknown-property",
        "permit a to run when action.«tims» > 1",
        "permit a to run when action.times > 1",
    ),
    (
        "check/property-not-in-all",
        "permit a to read, move when action.«times» == \"x\"",
        "permit a to move when action.times == \"x\"",
    ),
    (
        "check/property-differs",
        "permit a to run, move when «action.times» == 1",
        "permit a to run when action.times == 1",
    ),
    (
        "check/ambiguous-member",
        "permit a to read when context.x >= «mid»",
        "permit a to read when resource.class >= mid and context.x >= high",
    ),
    (
        "check/shadowed-name",
        "permit a for user to read when any «now» in subject.roles: true",
        "permit a for user to read when any x in subject.roles: x == \"a\"",
    ),
    (
        "check/shadowed-name",
        "permit a for user to read when any x in subject.roles: all «x» in subject.roles: x == \"a\"",
        "permit a for user to read when any x in subject.roles: all y in subject.roles: x == y",
    ),
    (
        "check/shadowed-name",
        "permit a for user to read when any «high» in subject.roles: high == \"a\"",
        "permit a for user to read when any higher in subject.roles: higher == \"a\"",
    ),
    ("check/bare-root", "permit a to read when «context» == 1", "permit a to read when context.x == 1"),
    (
        "check/bare-root",
        "permit a to read when «limits» == 1",
        "permit a to read when limits.most == resource.size",
    ),
    (
        "check/not-supported-yet",
        "permit a to read when «tool.region» == \"in\"",
        "permit a to run when resource.region == \"in\"",
    ),
    (
        "check/not-supported-yet",
        "permit a to read when «skill» is present",
        "permit a to read when chain is present",
    ),
    // declarations
    (
        "check/declared-twice",
        "entity «user» { a: string }\npermit a to read",
        "entity person { a: string }\npermit a for person to read",
    ),
    (
        "check/declared-twice",
        "entity e { a: string, «a»: int }\npermit a for e to read",
        "entity e { a: string, b: int }\npermit a for e to read",
    ),
    (
        "check/declared-twice",
        "level l { a1 < a2 < «a1» }\npermit a to read when context.x < a2",
        "level l { a1 < a2 }\npermit a to read when context.x < a2",
    ),
    (
        "check/declared-twice",
        "level «tool» { a1 < a2 }\npermit a to read",
        "level tools { a1 < a2 }\npermit a to read when context.x < a2",
    ),
    (
        "check/declared-twice",
        "action «read» on doc\npermit a to read",
        "action read on tool\npermit a to read",
    ),
    (
        "check/declared-twice",
        "action go on doc, «doc»\npermit a to go",
        "action go on doc, tool\npermit a to go",
    ),
    (
        "check/declared-twice",
        "action go on doc { n: int, «n»: string }\npermit a to go",
        "action go on doc { n: int, m: string }\npermit a to go",
    ),
    (
        "check/declared-twice",
        "limit «most» = 3\npermit a to read",
        "limit least = 3\npermit a to read when resource.size > limits.least",
    ),
    ("check/declared-twice", "permit a to read\npermit «a» to write", "permit a to read\npermit b to write"),
    (
        "check/declared-twice",
        "context { n: int, «n»: int }\npermit a to read",
        "context { n: int, m: int }\npermit a to read",
    ),
    (
        "check/declared-twice",
        "context { n: int }\ncontext { «n»: string }\npermit a to read",
        "context { n: int }\ncontext { n: int }\npermit a to read",
    ),
    (
        "check/reserved-name",
        "entity «string» {}\npermit a to read",
        "entity strings {}\npermit a for strings to read",
    ),
    (
        "check/reserved-name",
        "level l { «now» < later }\npermit a to read",
        "level l { soon < later }\npermit a to read when context.x < later",
    ),
    (
        "check/reserved-name",
        "entity e { r: set<tool> { «resource»: string } }\npermit a for e to read",
        "entity e { r: set<tool> { name: string } }\npermit a for e to read",
    ),
    (
        "check/reserved-name",
        "action go on doc { «name»: string }\npermit a to go",
        "action go on doc { title: string }\npermit a to go",
    ),
    (
        "check/type-union",
        "entity e { a: user | «string» }\npermit a for e to read",
        "entity e { a: user | team }\npermit a for e to read",
    ),
    (
        "check/any-attribute",
        "entity e { a: «any» }\npermit a for e to read",
        "context { a: any }\npermit a to read when context.a == 1",
    ),
    (
        "check/any-attribute",
        "entity e { a: set<tool> { p: «any» } }\npermit a for e to read",
        "entity e { a: set<tool> { p: int } }\npermit a for e to read",
    ),
    (
        "check/relation-source",
        "entity e { a: user from «request» }\npermit a for e to read",
        "entity e { a: user from graph }\npermit a for e to read",
    ),
    (
        "check/not-a-relation",
        "entity e { membership «a»: string }\npermit a for e to read",
        "entity e { membership a: team }\npermit a for e to read",
    ),
    (
        "check/not-a-relation",
        "entity e { «a»: string { p: int } }\npermit a for e to read",
        "entity e { a: team { p: int } }\npermit a for e to read",
    ),
    (
        "check/not-a-relation",
        "permit a for user to read when subject.«name»* has \"x\"",
        "permit a for user to read when subject.boss* has subject",
    ),
    (
        "check/not-a-relation",
        "permit a to read when context.«x»+ has \"x\"",
        "permit a to read when context.x has \"x\"",
    ),
    (
        "check/not-a-relation",
        "permit a for user to read when subject.«name»[true] == \"x\"",
        "permit a as agent to read when count(actor.uses[share > 1]) == 1",
    ),
    ("check/action-without-resource", "action «go»\npermit a to read", "action go on doc\npermit a to go"),
    (
        "check/properties-differ",
        "action «read» on tool { n: int }\npermit a to read",
        "action read on tool\npermit a to read",
    ),
    (
        "check/limit-not-literal",
        "limit l = «1 + 1»\npermit a to read when resource.size > 1",
        "limit l = [1, 2]\npermit a to read when limits.l has resource.size",
    ),
    (
        "check/limit-not-literal",
        "limit l = «now»\npermit a to read when resource.size > 1",
        "limit l = high\npermit a to read when limits.l > resource.class",
    ),
    (
        "check/unknown-type",
        "entity e { a: «strng», b: int }\npermit a for e to read when subject.a* has resource and subject.b > 1",
        "entity e { a: doc, b: int }\npermit a for e to read when subject.a == resource and subject.b > 1",
    ),
    (
        "check/limit-not-literal",
        "limit l = «now»\npermit a to read when resource.size > limits.l",
        "limit l = 1\npermit a to read when resource.size > limits.l",
    ),
    (
        "check/not-a-member",
        "limit l = [\"low\", \"hihg\"]\npermit a to read when «limits.l» has resource.class",
        "limit l = [\"low\", \"high\"]\npermit a to read when limits.l has resource.class",
    ),
    // navigation
    (
        "check/attribute-not-in-all",
        "permit a when subject.«born» < now",
        "permit a for user when subject.born < now",
    ),
    (
        "check/attribute-not-in-all",
        "permit a for user, tool to read when subject.«name» == \"x\"",
        "permit a for user, agent to read when subject.name == \"x\"",
    ),
    (
        "check/attribute-differs",
        "permit a for user, agent to read when subject.«class» == low",
        "permit a for user to read when subject.class == low",
    ),
    (
        "check/attribute-differs",
        "permit a for user, agent to read when subject.«team» is present",
        "permit a for user to read when subject.team is present",
    ),
    (
        "check/no-members",
        "permit a for user to read when subject.name.«first» == \"x\"",
        "permit a to read when context.name.first == \"x\"",
    ),
    (
        "check/no-inverse",
        "permit a for user to read when subject.^«uses» has resource",
        "permit a for user to read when subject.^owner has resource",
    ),
    // operators
    (
        "check/not-a-member",
        "permit a to read when resource.class >= «\"hihg\"»",
        "permit a to read when resource.class >= \"high\"",
    ),
    (
        "check/not-a-member",
        "permit a to read when resource.class >= «top»",
        "permit a for user to read when subject.rank >= top",
    ),
    (
        "check/not-a-member",
        "permit a to read when resource.class >= «limits.wrong»",
        "permit a to read when resource.class >= limits.word",
    ),
    (
        "check/not-a-member",
        "permit a for user to read when subject.classes has any [\"high\", «\"lo\"»]",
        "permit a for user to read when subject.classes has any [\"high\", \"low\"]",
    ),
    (
        "check/bad-literal",
        "permit a for user to read when subject.born < «\"yesterday\"»",
        "permit a for user to read when subject.born < \"2020-01-01\"",
    ),
    (
        "check/bad-literal",
        "permit a for user to read when subject.stay < «\"long\"»",
        "permit a for user to read when subject.stay < \"15m\"",
    ),
    (
        "check/bad-literal",
        "permit a for user to read when subject.address in «\"10.0.0.1/8\"»",
        "permit a for user to read when subject.address in ip\"10.0.0.0/8\"",
    ),
    (
        "check/too-deep",
        "permit a to read when any a in context.x: any b in a: any c in b: any d in c: any e in d: any f in e: any g in f: any h in g: any «i» in h: i",
        "permit a to read when any a in context.x: any b in a: any c in b: any d in c: any e in d: any f in e: any g in f: any h in g: h",
    ),
    (
        "check/not-a-condition",
        "permit a to read when «resource.size»",
        "permit a for user to read when subject.active and context.flag",
    ),
    (
        "check/not-a-condition",
        "permit a to read unless not «resource.tags»",
        "permit a for user to read unless not subject.active",
    ),
    (
        "check/impossible-comparison",
        "permit a for user to read when subject.name == «1»",
        "permit a for user to read when subject.age == 1.5",
    ),
    (
        "check/impossible-comparison",
        "permit a for user to read when subject == «resource»",
        "permit a for user to read when subject == resource.owner",
    ),
    (
        "check/impossible-comparison",
        "permit a for user to read when subject == «\"alice\"»",
        "permit a for user to read when subject == user:alice",
    ),
    (
        "check/impossible-comparison",
        "permit a for user to read when subject.class == «subject.rank»",
        "permit a for user to read when subject.class == resource.class",
    ),
    (
        "check/impossible-comparison",
        "permit a to read when resource.class > «3»",
        "permit a to read when resource.class > low",
    ),
    (
        "check/impossible-comparison",
        "permit a for user to read when «subject.roles» has 1",
        "permit a for user to read when subject.roles has \"1\"",
    ),
    (
        "check/impossible-comparison",
        "permit a for user to read when subject.roles has any «[1, 2]»",
        "permit a for user to read when subject.roles has any [\"1\"]",
    ),
    (
        "check/impossible-comparison",
        "permit a for user to read when subject.roles == «\"x\"»",
        "permit a for user to read when subject.roles == [\"x\"]",
    ),
    (
        "check/impossible-comparison",
        "permit a for user to read when subject is «doc»",
        "permit a to read when subject is user",
    ),
    (
        "check/no-order",
        "permit a for user to read when «subject.active» < true",
        "permit a for user to read when subject.active != false",
    ),
    (
        "check/no-order",
        "permit a for user to read when «subject» >= resource.owner",
        "permit a for user to read when subject != resource.owner",
    ),
    (
        "check/no-order",
        "permit a for user to read when «subject.address» >= limits.net",
        "permit a for user to read when subject.address in limits.net",
    ),
    (
        "check/not-a-set",
        "permit a for user to read when «subject.name» has \"x\"",
        "permit a for user to read when subject.name contains \"x\"",
    ),
    (
        "check/not-a-set",
        "permit a for user to read when «subject.roles» has [\"x\"]",
        "permit a for user to read when subject.roles has all [\"x\"]",
    ),
    (
        "check/not-a-set",
        "permit a for user to read when count(«subject.boss») > 0",
        "permit a for user to read when count(subject.member_of) > 0",
    ),
    (
        "check/not-a-set",
        "permit a for user to read when any x in «subject.age»: x == 1",
        "permit a for user to read when any x in subject.roles: x == \"1\"",
    ),
    (
        "check/not-a-text",
        "permit a for user to read when «subject.roles» contains \"x\"",
        "permit a for user to read when subject.roles has \"x\"",
    ),
    (
        "check/not-a-text",
        "permit a for user to read when «subject.age» matches r\"1\"",
        "permit a for user to read when subject.name matches r\"1\"",
    ),
    (
        "check/not-an-entity",
        "permit a for user to read when «subject.name» is user",
        "permit a for user to read when subject.boss is user",
    ),
    (
        "check/never-a-member",
        "permit a for user to read when «subject in resource»",
        "permit a for user to read when subject in subject.boss.team",
    ),
    ("check/never-a-member", "permit a for «agent in team:x» to read", "permit a for user in team:x to read"),
    (
        "check/bad-operands",
        "permit a for user to read when «subject.born + now» == now",
        "permit a for user to read when now - subject.born > 365d",
    ),
    (
        "check/bad-operands",
        "permit a for user to read when «subject.name + \"x\"» == \"y\"",
        "permit a for user to read when subject.age + 1 == 2",
    ),
    (
        "check/branches-differ",
        "permit a for user to read when (if subject.active then 1 else «\"x\"») == 1",
        "permit a for user to read when (if subject.active then 1 else 1.5) == subject.age",
    ),
    (
        "check/mixed-set",
        "permit a for user to read when [1, «\"x\"»] has subject.age",
        "permit a for user to read when [1, 1.5] has subject.age",
    ),
    (
        "check/bad-pattern",
        "permit a for user to read when subject.name matches «r\"a(\"»",
        "permit a for user to read when subject.name matches r\"a(b)\"",
    ),
    (
        "check/bad-pattern",
        "permit a for user to read when subject.name matches «r\"(a{999}){999}\"»",
        "permit a for user to read when subject.name matches r\"a{9}\"",
    ),
    (
        "check/record-not-literal",
        "permit a to read oblige log { r: { x: «resource.size» } }",
        "permit a to read oblige log { r: { x: 1 }, s: resource.size }",
    ),
    // rules
    ("check/clause-twice", "permit a for user «for agent» to read", "permit a for user, agent to read"),
    (
        "check/clause-twice",
        "permit a to read because \"x\" «because \"y\"»",
        "permit a to read because \"x\"",
    ),
    (
        "check/clause-twice",
        "require a as agent to read that context.x == 1 «that context.y == 1»",
        "require a as agent to read that context.x == 1 when context.y == 1 when context.z == 1",
    ),
    (
        "check/require-without-that",
        "require «a» as agent to read when context.x == 1",
        "require a as agent to read that context.x == 1",
    ),
    (
        "check/that-outside-require",
        "permit a to read «that context.x == 1»",
        "permit a to read when context.x == 1",
    ),
    ("check/rule-never-applies", "permit a to read, «run» on doc", "permit a to read on doc"),
    ("check/rule-never-applies", "permit a to any «on team»", "permit a to any on doc"),
    (
        "check/property-twice",
        "permit a to read oblige log { x: 1, «x»: 2 }",
        "permit a to read oblige log { x: 1, y: 2 }",
    ),
    (
        "check/unknown-attribute",
        "permit a to read because \"hello {resource.«titel»}\"",
        "permit a to read because \"hello {resource.title}\"",
    ),
    // expectations
    (
        "check/unknown-rule",
        "permit alpha to read\nexpect permit user:x read doc:y by «alhpa»",
        "permit alpha to read\nexpect permit user:x read doc:y by alpha, main.alpha",
    ),
    (
        "check/unknown-reason",
        "permit a to read\nexpect deny user:x read doc:y because «\"forbiden\"»",
        "permit a to read\nexpect deny user:x read doc:y because \"forbidden\"",
    ),
    (
        "check/expect-never-holds",
        "permit a to read\nexpect deny user:x read doc:y by «a»",
        "permit a to read\nforbid b to read when resource.size > 1\nexpect deny user:x read doc:y by b",
    ),
    (
        "check/expect-never-holds",
        "permit a to read\nexpect permit user:x read doc:y because «\"forbidden\"»",
        "permit a to read\nexpect permit user:x read doc:y because \"permitted\"",
    ),
    (
        "check/expect-not-literal",
        "permit a to read\nexpect deny user:x { age: «1 + 1» } fly bird:y",
        "permit a to read\nexpect deny user:x { age: 2, r: { s: [high] } } fly bird:y",
    ),
    (
        "check/declared-twice",
        "permit a to read\nexpect deny user:x { n: 1, «n»: 2 } read doc:y",
        "permit a to read\nexpect deny user:x { n: 1 } read doc:y { n: 2 }",
    ),
];

#[test]
fn refused_texts_are_refused_at_their_place_and_neighbours_accepted() {
    assert_table(TABLE);
}
