//! Questions with a name and parameters, kept as data: what auditors ask again and again.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use remit_lang::diagnostic::nearest;
use remit_model::{Duration, EntityRef, LevelId, Name, Number, Timestamp, Ty, Value as Constant};
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::error::AskError;
use crate::given::Given;
use crate::question::Question;
use crate::run::{Log, run};
use crate::vocabulary::Words;

const TEXT: &str = include_str!("queries.toml");

/// A question with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// By which it is asked.
    pub name: String,
    /// What it answers, in a sentence.
    pub title: String,
    /// What it may be asked with.
    #[serde(default, rename = "parameter", skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// What it consists of, in order.
    #[serde(rename = "part")]
    pub parts: Vec<Part>,
}

/// What a named question may be asked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type, in the words of the language: `string`, `time`, `duration`, `int`, `party`, a level.
    #[serde(rename = "type")]
    pub ty: String,
    /// What it means.
    pub about: String,
    /// What it is when it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// It must be given.
    #[serde(default)]
    pub required: bool,
}

/// One answer of a named question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What it shows.
    pub title: String,
    /// The question.
    #[serde(flatten)]
    pub question: Question,
    /// Parameters of later parts, taken from the first row: by name, the title of the column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bind: BTreeMap<String, String>,
    /// Only groups that hold at least so many per cent of all records that the part selects, by the name of a parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<String>,
    /// The sample has this many records, by the name of a parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_size: Option<String>,
    /// And this seed, by the name of a parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_seed: Option<String>,
}

/// What a named question is answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
pub struct Replies {
    /// The question.
    pub name: String,
    /// What it answers.
    pub title: String,
    /// An answer for each part.
    pub answers: Vec<Reply>,
}

/// The answer of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// What it shows.
    pub title: String,
    /// The answer.
    #[serde(flatten)]
    pub answer: Answer,
}

#[derive(Deserialize)]
struct File {
    query: Vec<Named>,
}

static ALL: LazyLock<Result<Vec<Named>, String>> =
    LazyLock::new(|| toml::from_str::<File>(TEXT).map(|file| file.query).map_err(|fault| fault.to_string()));

/// All questions that have a name.
#[must_use]
pub fn named() -> &'static [Named] {
    ALL.as_ref().map_or(&[], Vec::as_slice)
}

impl Named {
    /// The question of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(name: &str) -> Result<&'static Self, AskError> {
        named().iter().find(|it| it.name == name).ok_or_else(|| AskError::UnknownName {
            name: name.to_owned(),
            nearest: nearest(name, named().iter().map(|it| it.name.as_str())),
        })
    }

    /// Answers it. Paging is for questions of one part: `limit` and `after` go to it.
    ///
    /// # Errors
    /// A parameter that is missing or wrong, or a log that cannot vouch for the answer.
    pub fn ask(
        &self,
        log: &impl Log,
        given: &Given<'_>,
        limit: Option<usize>,
        after: Option<&str>,
    ) -> Result<Replies, AskError> {
        if after.is_some() && self.parts.len() > 1 {
            return Err(AskError::Invalid(format!("`{}` has several parts and no pages", self.name)));
        }
        let mut declared: Vec<(String, String)> =
            self.parameters.iter().map(|it| (it.name.clone(), it.ty.clone())).collect();
        declared.extend(self.parts.iter().flat_map(|part| &part.bind).map(|(name, title)| {
            (name.clone(), if title.ends_with("revision") { "int" } else { "string" }.to_owned())
        }));
        let words = Words::with(declared.iter().map(|(name, ty)| (name.as_str(), ty.as_str())))?;
        let mut values = self.values(&words, given)?;
        for (name, ty) in declared.iter().skip(self.parameters.len()) {
            values.push((name.clone(), Constant::string(ty), false));
        }
        let mut answers = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            let mut question = part.question.clone();
            question.limit = limit.or(question.limit);
            question.after = after.map(str::to_owned);
            if let (Some(size), Some(seed)) = (&part.sample_size, &part.sample_seed) {
                question.sample = Some(self.sample(size, seed, &values)?);
            }
            let mut answer = run(log, &question, &words, &values, given)?;
            if let Some(share) = &part.share {
                large(&mut answer, share, &values);
            }
            for (name, title) in &part.bind {
                bind(&mut values, name, title, &answer);
            }
            answers.push(Reply { title: part.title.clone(), answer });
        }
        Ok(Replies { name: self.name.clone(), title: self.title.clone(), answers })
    }

    fn sample(
        &self,
        size: &str,
        seed: &str,
        values: &[(String, Constant, bool)],
    ) -> Result<crate::Sample, AskError> {
        let value = |name: &str| values.iter().find(|(of, ..)| of == name).map(|(_, value, _)| value);
        match (value(size), value(seed)) {
            (Some(Constant::Number(size)), Some(Constant::String(seed))) => {
                let size = size.to_i64().and_then(|size| usize::try_from(size).ok()).unwrap_or(0);
                Ok(crate::Sample { size, seed: seed.to_string() })
            }
            _ => Err(AskError::Parameter(format!("`{}` needs a size and a seed", self.name))),
        }
    }

    /// The values of the parameters, each with whether it is given.
    fn values(&self, words: &Words, given: &Given<'_>) -> Result<Vec<(String, Constant, bool)>, AskError> {
        for name in given.parameters.keys() {
            if !self.parameters.iter().any(|it| it.name == *name) {
                let near = nearest(name, self.parameters.iter().map(|it| it.name.as_str()));
                let hint = near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
                return Err(AskError::Parameter(format!("`{}` has no parameter `{name}`{hint}", self.name)));
            }
        }
        let vocabulary = words.vocabulary()?;
        let mut values = Vec::with_capacity(self.parameters.len());
        for parameter in &self.parameters {
            let text = given.parameters.get(&parameter.name).or(parameter.default.as_ref());
            let field = vocabulary.fields().iter().find(|field| field.name.as_str() == parameter.name);
            let ty = field.map_or(&Ty::Any, |field| &field.ty);
            match text {
                Some(text) => {
                    let value = constant(text, ty, vocabulary.schema()).ok_or_else(|| {
                        AskError::Parameter(format!(
                            "`{}` is a {}, not `{text}`",
                            parameter.name,
                            kind(&parameter.ty)
                        ))
                    })?;
                    values.push((parameter.name.clone(), value, true));
                }
                None if parameter.required => {
                    let (name, about) = (&parameter.name, &parameter.about);
                    return Err(AskError::Parameter(format!("the parameter `{name}` is missing: {about}")));
                }
                None => values.push((parameter.name.clone(), Constant::Bool(false), false)),
            }
        }
        Ok(values)
    }
}

fn kind(ty: &str) -> &str {
    match ty {
        "party" => "`type:id`",
        "string" => "text",
        other => other,
    }
}

/// Leaves the groups that hold at least the share of all that was selected.
fn large(answer: &mut Answer, share: &str, values: &[(String, Constant, bool)]) {
    let least = values.iter().find(|(of, ..)| of == share).and_then(|(_, value, _)| match value {
        Constant::Number(share) => share.to_i64().and_then(|share| u64::try_from(share).ok()),
        _ => None,
    });
    let at = answer.columns.iter().position(|column| column == "count");
    let (Some(least), Some(at), Some(all)) = (least, at, answer.matched) else { return };
    let count = |row: &Vec<serde_json::Value>| row.get(at).and_then(serde_json::Value::as_u64).unwrap_or(0);
    answer.rows.retain(|row| count(row).saturating_mul(100) >= all.saturating_mul(least));
}

/// Gives a parameter the value of a column in the first row.
fn bind(values: &mut [(String, Constant, bool)], name: &str, title: &str, answer: &Answer) {
    let at = answer.columns.iter().position(|column| column == title);
    let value = at.and_then(|at| answer.rows.first()?.get(at));
    let constant = match value {
        Some(serde_json::Value::String(text)) => Some(Constant::string(text)),
        Some(serde_json::Value::Number(number)) => number.as_i64().map(|it| Constant::Number(it.into())),
        _ => None,
    };
    if let (Some(slot), Some(constant)) = (values.iter_mut().find(|(of, ..)| of == name), constant) {
        (slot.1, slot.2) = (constant, true);
    }
}

/// A text as a value of a type.
fn constant(text: &str, ty: &Ty, schema: &remit_model::Schema) -> Option<Constant> {
    Some(match ty {
        Ty::String => Constant::string(text),
        Ty::Int => Constant::Number(Number::parse(text).filter(|number| number.is_integral())?),
        Ty::Time => Constant::Time(Timestamp::parse(text)?),
        Ty::Duration => Constant::Duration(Duration::parse(text)?),
        Ty::Bool => Constant::Bool(text.parse().ok()?),
        Ty::Level(level) => level_member(*level, text, schema)?,
        Ty::Entity(_) => {
            let (kind, id) = text.split_once(':')?;
            let id = id.strip_prefix('"').and_then(|id| id.strip_suffix('"')).unwrap_or(id);
            Constant::Entity(EntityRef { kind: Name::new(kind).ok()?, id: Arc::from(id) })
        }
        _ => return None,
    })
}

fn level_member(level: LevelId, text: &str, schema: &remit_model::Schema) -> Option<Constant> {
    Some(Constant::Level(level, schema.level(level)?.rank(text)?))
}
