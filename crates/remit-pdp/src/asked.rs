//! The question as it came, as text that can be kept and asked again. Tokens are no part of it.

use remit_authzen::{Action, Entity, EvaluationRequest};
use remit_json::{Json, Object, quote};

use crate::intake;

/// The member of the context that holds secrets.
const TOKENS: &str = "tokens";

/// The parts of a question, borrowed from the request.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'j> {
    subject: Entity<'j>,
    action: Action<'j>,
    resource: Entity<'j>,
    context: Option<&'j Object<'j>>,
}

impl<'j> Asked<'j> {
    /// The parts of this request.
    #[must_use]
    pub fn of(request: &EvaluationRequest<'j>) -> Self {
        let EvaluationRequest { subject, action, resource, context, .. } = *request;
        Self { subject, action, resource, context }
    }

    /// The content of the message, as it came.
    #[must_use]
    pub fn content(&self) -> Option<&'j Json<'j>> {
        self.context?.get("message")?.as_object()?.get("content")
    }

    /// SHA-256 of the context, when there is one.
    #[must_use]
    pub fn context_hash(&self) -> Option<String> {
        intake::context_hash(self.context)
    }

    /// A request body that asks the same, without tokens; equal questions give equal text.
    #[must_use]
    pub fn text(&self) -> String {
        // Of the size that most have.
        let mut out = String::with_capacity(256);
        out.push_str("{\"subject\":");
        entity(&mut out, &self.subject);
        out.push_str(",\"action\":{\"name\":");
        quote(self.action.name, &mut out);
        properties(&mut out, self.action.properties);
        out.push_str("},\"resource\":");
        entity(&mut out, &self.resource);
        if let Some(context) = self.context.filter(|context| !context.is_empty()) {
            out.push_str(",\"context\":");
            out.push_str(&context.canonical_without(TOKENS));
        }
        out.push('}');
        out
    }
}

fn entity(out: &mut String, entity: &Entity<'_>) {
    out.push_str("{\"type\":");
    quote(entity.kind, out);
    out.push_str(",\"id\":");
    quote(entity.id, out);
    properties(out, entity.properties);
    out.push('}');
}

fn properties(out: &mut String, properties: Option<&Object<'_>>) {
    if let Some(properties) = properties.filter(|properties| !properties.is_empty()) {
        out.push_str(",\"properties\":");
        out.push_str(&properties.canonical());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Rights;

    #[test]
    fn the_text_asks_the_same_question_and_holds_no_token() {
        let body = r#"{"subject":{"type":"user","id":"a\"b","properties":{"":1,"x":[0.10,null]}},
            "action":{"name":"read","properties":{"n":5}},"resource":{"type":"r","id":"1"},
            "context":{"tokens":[{"type":"urn:ietf:params:oauth:token-type:jwt","token":"secret"}],"ip":"::1"}}"#;
        let limits = remit_json::Limits::default();
        let json = intake::parse(body.as_bytes(), &limits).unwrap();
        let request = EvaluationRequest::parse(&json).unwrap();
        let text = Asked::of(&request).text();
        assert!(!text.contains("secret") && !text.contains("tokens"), "{text}");
        let again = intake::parse(text.as_bytes(), &limits).unwrap();
        let again = EvaluationRequest::parse(&again).unwrap();
        assert_eq!(Asked::of(&again).text(), text);
        let (one, two) = (intake::accept(&request, &Rights::all()), intake::accept(&again, &Rights::all()));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(
            (one.subject.id, one.action, one.resource.id),
            (two.subject.id, two.action, two.resource.id)
        );
        assert_eq!(one.subject.asserted, two.subject.asserted);
        assert_eq!(two.context.len(), 1);
    }
}
