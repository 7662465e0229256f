//! Prints what a prompt says and the goal made from it.
use remit_bench_agents::{given, intents, setting::Setting};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let g = given::read(a[1].as_ref(), &a[2]).unwrap();
    for id in &a[3..] {
        let p = g.prompts.iter().find(|p| p.id == *id).unwrap();
        let s = intents::Said::of(p, &g.directory);
        println!("{} {}\n addr {:?} acc {:?} am {:?} texts {:?} comp {} sev {} people {}", id, p.text, s.addresses, s.accounts, s.amounts, s.texts, s.computes, s.several, s.people);
        for r in &s.records { println!("   {}/{} {:?} {:?} {:?}", r.list, r.key, r.names, r.accounts, r.amounts); }
        let goal = intents::goal(&g, p, Setting::SourcesFlagged).unwrap();
        for t in &goal.intent.tasks { if !t.arguments.is_empty() { for (k,v) in &t.arguments { if !v.is_free() { println!("      {} {} {:?}", t.name, k, v); } } } }
    }
}
