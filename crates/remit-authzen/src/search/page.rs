//! Paging (AuthZEN 1.0 §8.2): names and bounds only, what a token holds is made elsewhere.

use remit_json::{Json, Object};
use serde::Serialize;

use crate::error::RequestError;
use crate::read;

/// Which part of the results a request wants. Unknown members are ignored.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Page<'j> {
    /// Where to go on. An empty token, which some clients send on the first call, is none.
    pub token: Option<&'j str>,
    /// At most so many results. Zero is legal and taken at its word: no results, but a token and,
    /// where the server counts, the total.
    pub limit: Option<u64>,
    /// Free-form wishes; no capability that we know defines any.
    pub properties: Option<&'j Object<'j>>,
}

impl<'j> Page<'j> {
    /// Reads the `page` member of a request.
    pub(crate) fn of(body: &'j Object<'j>) -> Result<Self, RequestError> {
        let read = |json: &'j Json<'j>| {
            let page = read::object(json)?;
            Ok(Self {
                token: read::optional_text(page, "token")?.filter(|token| !token.is_empty()),
                limit: read::optional_count(page, "limit")?,
                properties: read::optional_object(page, "properties")?,
            })
        };
        Ok(read::optional(body, "page", read)?.unwrap_or_default())
    }

    /// How many results to send: the wish, or `default` without one, never above `ceiling`.
    pub fn size(&self, default: usize, ceiling: usize) -> usize {
        let wish = self.limit.map_or(default, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        wish.min(ceiling)
    }
}

/// Where the answer stands in the whole result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageAnswer {
    /// The token for the next request; empty at the end, never absent.
    pub next_token: String,
    /// Results in this answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Results of the whole search at the time of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

impl PageAnswer {
    /// More results follow under this token.
    pub fn more(next_token: impl Into<String>) -> Self {
        Self { next_token: next_token.into(), count: None, total: None }
    }

    /// Nothing follows; the member stays, as an empty string.
    pub fn last() -> Self {
        Self::more("")
    }
}
