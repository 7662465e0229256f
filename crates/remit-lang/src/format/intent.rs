//! Intents: a part a line, tasks aligned. Labels: on one line when it is long enough.

use super::{WIDTH, align, column, doc, expr, rule, trailing, trivia, word};
use crate::ast::{
    Amount, Argument, ExprKind, Intent, IntentPart, IntentPartKind, Item, Label, Origin, Task, TaskClause,
    TaskClauseKind,
};

/// Columns of the tasks of one intent.
struct Columns {
    /// `name:`
    name: usize,
    /// The actions.
    actions: usize,
}

pub(super) fn intent(item: &Item, intent: &Intent, out: &mut String) {
    out.push_str(&format!("intent {}", intent.name.node));
    if let Some(goal) = &intent.goal {
        out.push_str(&format!(" {}", word::quoted(&goal.node)));
    }
    if intent.parts.is_empty() && item.closing.is_empty() {
        return out.push_str(" {}");
    }
    out.push_str(" {\n");
    let tasks = || {
        intent.parts.iter().filter_map(|part| match &part.kind {
            IntentPartKind::Task(task) => Some(task),
            _ => None,
        })
    };
    let width = |texts: &mut dyn Iterator<Item = String>| {
        let widths = texts.map(|text| text.chars().count());
        widths.filter(|width| *width <= align::MAX_HEAD).max().unwrap_or(0)
    };
    let columns = Columns {
        name: width(&mut tasks().map(|task| format!("{}:", task.name.node))),
        actions: width(&mut tasks().filter(|task| task.resources.is_some()).map(actions)),
    };
    for part in &intent.parts {
        self::part(part, &columns, out);
    }
    trivia(&item.closing, "  ", out);
    out.push('}');
}

fn part(part: &IntentPart, columns: &Columns, out: &mut String) {
    trivia(&part.trivia, "  ", out);
    for line in &part.doc {
        doc(line, "  ", out);
    }
    out.push_str("  ");
    match &part.kind {
        IntentPartKind::For(all) => out.push_str(&format!("for  {}", rule::selectors(all))),
        IntentPartKind::Task(one) => task(one, part.trailing.as_deref(), columns, out),
        IntentPartKind::Using(all) => {
            out.push_str(&format!("using {}", word::list(all.iter().map(word::entity))));
        }
        IntentPartKind::Hops(most) => out.push_str(&format!("hops at most {}", amount(most))),
        IntentPartKind::Lasts(long) => out.push_str(&format!("lasts {}", amount(long))),
    }
    if !matches!(part.kind, IntentPartKind::Task(_)) {
        trailing(part.trailing.as_deref(), out);
    }
    out.push('\n');
}

fn actions(task: &Task) -> String {
    word::names(&task.actions, word::free_name)
}

/// A clause stands on the line so far when it is short: a condition only when it is the one clause.
fn task(task: &Task, comment: Option<&str>, columns: &Columns, out: &mut String) {
    out.push_str(&format!("task {:width$} ", format!("{}:", task.name.node), width = columns.name));
    let indent = column(out);
    match &task.resources {
        Some(on) => {
            let actions = format!("{:width$}", actions(task), width = columns.actions);
            out.push_str(&format!("{actions} on {}", rule::selectors(on)));
        }
        None => out.push_str(&actions(task)),
    }
    trailing(comment, out);
    let mut open = comment.is_none();
    for clause in &task.clauses {
        let condition = matches!(
            clause.kind,
            TaskClauseKind::When(_) | TaskClauseKind::Unless(_) | TaskClauseKind::From(..)
        );
        let text = line(clause);
        let short = column(out) + 2 + text.chars().count() <= WIDTH;
        if open && clause.trivia.is_empty() && short && (!condition || task.clauses.len() == 1) {
            out.push_str(&format!("  {text}"));
        } else {
            let blanks = " ".repeat(indent);
            out.push('\n');
            trivia(&clause.trivia, &blanks, out);
            out.push_str(&blanks);
            self::clause(clause, indent, out);
        }
        trailing(clause.trailing.as_deref(), out);
        open = !condition && clause.trailing.is_none();
    }
}

fn clause(clause: &TaskClause, column: usize, out: &mut String) {
    match &clause.kind {
        TaskClauseKind::When(one) => {
            out.push_str("when ");
            rule::condition(one, column + "when ".len(), out);
        }
        TaskClauseKind::Unless(one) => {
            out.push_str("unless ");
            rule::condition(one, column + "unless ".len(), out);
        }
        _ => out.push_str(&line(clause)),
    }
}

fn line(clause: &TaskClause) -> String {
    match &clause.kind {
        TaskClauseKind::After(names) => format!("after {}", word::names(names, str::to_owned)),
        TaskClauseKind::Times(most) => {
            let once = matches!(&most.value.kind, ExprKind::Number(text) if text == "1");
            format!("at most {} {}", amount(most), if once { "time" } else { "times" })
        }
        TaskClauseKind::Budget(most, of) => format!("at most {} of {}", amount(most), argument(of)),
        TaskClauseKind::When(one) => format!("when {}", expr::text(one)),
        TaskClauseKind::Unless(one) => format!("unless {}", expr::text(one)),
        TaskClauseKind::From(of, origins) => {
            let origins: Vec<String> = origins.iter().map(|one| origin(&one.node)).collect();
            format!("when {} from {}", argument(of), origins.join(" or "))
        }
        TaskClauseKind::Closed => "closed".to_owned(),
    }
}

fn amount(amount: &Amount) -> String {
    expr::text(&amount.value)
}

fn argument(argument: &Argument) -> String {
    let path = argument.path.iter().map(|name| format!(".{}", word::name(&name.node)));
    format!("action{}", path.collect::<String>())
}

fn origin(origin: &Origin) -> String {
    match origin {
        Origin::Literal => "literal".to_owned(),
        Origin::OneOf(set) => format!("one of {}", expr::text(set)),
        Origin::RecordOf(of, None) => format!("record of {}", word::free_name(&of.node)),
        Origin::RecordOf(of, Some(attribute)) => {
            format!("record of {}.{}", word::free_name(&of.node), word::name(&attribute.node))
        }
        Origin::Created => "created".to_owned(),
        Origin::Result(task, path) => {
            let path = path.iter().map(|name| format!(".{}", word::name(&name.node)));
            format!("result({}){}", task.node, path.collect::<String>())
        }
        Origin::Text(source) => format!("text({})", word::free_name(&source.node)),
    }
}

pub(super) fn label(label: &Label, out: &mut String) {
    let head = if label.removes { "unlabel" } else { "label" };
    let after =
        if label.after.is_empty() { "any".to_owned() } else { word::names(&label.after, word::free_name) };
    out.push_str(&format!("{head} {} after {after}", label.name.node));
    let (last, before) = match label.clauses.split_last() {
        Some((last, before)) => (Some(last), before),
        None => (None, &[][..]),
    };
    let plain = last.is_none_or(|last| last.trivia.is_empty())
        && before.iter().all(|clause| clause.trivia.is_empty() && clause.trailing.is_none());
    let line: String = label.clauses.iter().map(|clause| format!(" {}", rule::line(&clause.kind))).collect();
    if plain && column(out) + line.chars().count() <= WIDTH {
        out.push_str(&line);
        trailing(last.and_then(|last| last.trailing.as_deref()), out);
    } else {
        rule::clauses(&label.clauses, out);
    }
}
