//! Tells incidents to a webhook: signed, again until it is taken, in the order of the log. At least once, never silently
//! not.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use remit_identity::AddressRule;

use crate::app::App;
use crate::config::{ConfigError, Webhook};
use crate::limits;
use crate::outbound::{Outbound, OutboundError};

/// The header that holds the time and the signature.
const SIGNATURE: &str = "remit-signature";

/// Where incidents are told.
pub struct Escalator {
    outbound: Outbound,
    url: String,
    key: hmac::Key,
    addresses: AddressRule,
}

/// Why nothing can be told.
#[derive(Debug, thiserror::Error)]
pub enum EscalateError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The client.
    #[error(transparent)]
    Client(#[from] OutboundError),
}

impl Escalator {
    /// As configured.
    ///
    /// # Errors
    /// The secret cannot be read, or no client can be made.
    pub fn new(webhook: &Webhook, ca_file: Option<&std::path::Path>) -> Result<Self, EscalateError> {
        let secret = webhook.secret()?;
        let addresses = if webhook.private_addresses { AddressRule::Any } else { AddressRule::Public };
        Ok(Self {
            outbound: Outbound::new(ca_file)?,
            url: webhook.url.clone(),
            key: hmac::Key::new(hmac::HMAC_SHA256, &secret),
            addresses,
        })
    }

    /// Tells what there is to tell, for ever; what is not taken is tried again, later and later.
    pub async fn run(self, app: Arc<App>) {
        let mut pause_s = limits::ESCALATE_S;
        loop {
            tokio::time::sleep(Duration::from_secs(pause_s)).await;
            pause_s = limits::ESCALATE_S;
            for due in app.pdp.incidents().untold(limits::ESCALATE_AT_ONCE) {
                if let Err(error) = self.tell(&due).await {
                    tracing::warn!(%error, incident = due.incident.id, "the webhook did not take an incident");
                    app.metrics.escalations_failed.inc();
                    pause_s = limits::ESCALATE_AGAIN_S;
                    break;
                }
                app.metrics.escalations.inc();
                app.pdp.incidents().told(due.seq);
            }
        }
    }

    async fn tell(&self, due: &remit_pdp::incidents::Escalation) -> Result<(), String> {
        let body = serde_json::to_vec(due).map_err(|error| error.to_string())?;
        let header = self.signature(due.incident.time.unix_ms().div_euclid(1_000), &body);
        let told = self.outbound.post(&self.url, self.addresses, (SIGNATURE, &header), body).await;
        told.map_err(|error| error.to_string())
    }

    /// `t=SECONDS,v1=HEX`: HMAC-SHA-256 of `SECONDS.BODY`; the time is that of the incident's record.
    fn signature(&self, seconds: i64, body: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(format!("{seconds}.").as_bytes());
        context.update(body);
        let tag: String = context.sign().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("t={seconds},v1={tag}")
    }
}
