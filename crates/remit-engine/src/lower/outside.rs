//! Services outside: what each is sent, as nodes.

use std::sync::Arc;

use remit_lang::checked::{Policies, RuleId, Source};

use super::LowerError;
use super::expr::Lowering;
use crate::program::OutsidePlan;

/// In the order of the checked set.
pub(super) fn sources(
    lowering: &mut Lowering<'_>,
    policies: &Policies,
) -> Result<Vec<OutsidePlan>, LowerError> {
    policies.sources.iter().map(|of| source(lowering, of)).collect()
}

fn source(lowering: &mut Lowering<'_>, of: &Source) -> Result<OutsidePlan, LowerError> {
    lowering.enter(&RuleId { package: of.package.clone(), name: of.name.clone() });
    let sends = of.sends.iter().map(|(path, expr)| Ok((Arc::from(path.as_str()), lowering.expr(expr)?)));
    Ok(OutsidePlan {
        name: of.name.clone(),
        url: Arc::from(of.url.as_str()),
        timeout: of.timeout,
        cache: of.cache,
        gives: of.gives.iter().map(|field| field.name.clone()).collect(),
        sends: sends.collect::<Result<_, LowerError>>()?,
    })
}
