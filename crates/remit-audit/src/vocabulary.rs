//! Texts of a question to typed expressions: the fields of records and the parameters of the question.

use std::sync::LazyLock;

use remit_lang::Vocabulary;
use remit_lang::checked::Expr;
use remit_lang::diagnostic::Diagnostic;
use remit_lang::source::Sources;

use crate::error::{AskError, Refusal};
use crate::limits::TEXT_BYTES;

const RECORD: &str = include_str!("record.ibac");

/// The vocabulary without parameters, which most questions are.
static PLAIN: LazyLock<Result<Vocabulary, Vec<Diagnostic>>> = LazyLock::new(|| read("").map_err(|it| it.1));

/// The words of one question.
pub(crate) enum Words {
    Plain,
    Own(Box<Vocabulary>),
}

impl Words {
    /// With these parameters, each a name and a type of the language.
    pub(crate) fn with<'p>(parameters: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, AskError> {
        let members: Vec<String> = parameters.map(|(name, ty)| format!("  {name}: {ty}\n")).collect();
        if members.is_empty() {
            return Ok(Self::Plain);
        }
        let text = format!("context {{\n{}}}\n", members.concat());
        let own = read(&text).map_err(|(sources, found)| AskError::Refused(Refusal::new(sources, found)))?;
        Ok(Self::Own(Box::new(own)))
    }

    /// The vocabulary.
    pub(crate) fn vocabulary(&self) -> Result<&Vocabulary, AskError> {
        match self {
            Self::Own(own) => Ok(own),
            Self::Plain => PLAIN
                .as_ref()
                .map_err(|found| AskError::Refused(Refusal::new(Sources::default(), found.clone()))),
        }
    }

    /// A condition.
    pub(crate) fn condition(&self, text: &str) -> Result<Expr, AskError> {
        self.expression("where", text, |words, file, sources| words.condition(file, sources))
    }

    /// A value to show, to group or to order by.
    pub(crate) fn value(&self, what: &str, text: &str) -> Result<Expr, AskError> {
        self.expression(what, text, |words, file, sources| words.value(file, sources))
    }

    fn expression(
        &self,
        what: &str,
        text: &str,
        read: impl FnOnce(&Vocabulary, remit_lang::source::FileId, &Sources) -> Result<Expr, Vec<Diagnostic>>,
    ) -> Result<Expr, AskError> {
        if text.len() > TEXT_BYTES {
            return Err(AskError::Invalid(format!("`{what}` has more than {TEXT_BYTES} bytes")));
        }
        let mut sources = Sources::default();
        let file = sources.add(what, text);
        read(self.vocabulary()?, file, &sources)
            .map_err(|found| AskError::Refused(Refusal::new(sources, found)))
    }
}

fn read(parameters: &str) -> Result<Vocabulary, (Sources, Vec<Diagnostic>)> {
    let mut sources = Sources::default();
    sources.add("record.ibac", RECORD);
    if !parameters.is_empty() {
        sources.add("parameters.ibac", parameters);
    }
    Vocabulary::read(&sources).map_err(|found| (sources, found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field;

    #[test]
    fn every_declared_name_is_a_field_and_every_column_is_declared() {
        let words = Words::Plain;
        let vocabulary = words.vocabulary().unwrap();
        for name in vocabulary.fields() {
            assert!(field::named(name.name.as_str(), vocabulary.schema()).is_some(), "{}", name.name);
        }
        for column in remit_ledger::Column::ALL {
            assert!(words.value("select", column.path()).is_ok(), "{}", column.path());
        }
    }

    #[test]
    fn the_questions_of_the_page_are_sound() {
        let page = include_str!("../README.md");
        let blocks: Vec<&str> =
            page.split("```text\n").skip(1).filter_map(|it| it.split("```").next()).collect();
        assert!(blocks.len() >= 4);
        for block in blocks {
            assert!(Words::Plain.condition(block).is_ok(), "{block}");
        }
    }

    #[test]
    fn parameters_are_words_beside_the_fields() {
        let words = Words::with([("agent", "party"), ("window", "duration")].into_iter()).unwrap();
        assert!(words.condition("chain has agent and time >= now - window").is_ok());
        assert!(Words::Plain.condition("chain has agent").is_err());
    }
}
