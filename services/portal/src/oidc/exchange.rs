//! A code becomes a person: exchanged, its identity token verified, and asked more about where the token is silent.

use std::{collections::HashMap, time::SystemTime};

use jiff::Timestamp;
use openidconnect::{
    AccessToken, AdditionalClaims, AuthorizationCode, ClaimsVerificationError, EmptyExtraTokenFields, IdTokenFields,
    Nonce, OAuth2TokenResponse as _, PkceCodeVerifier, RequestTokenError, SignatureVerificationError,
    StandardErrorResponse, StandardTokenResponse, TokenResponse as _, UserInfoClaims, UserInfoError,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse,
        CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Client, Failed, Provider, claims};
use crate::{store::logins::Login, web::Fault};

/// Claims that OpenID Connect does not name: roles and schools are among them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Further {
    #[serde(flatten)]
    all: HashMap<String, Value>,
}

impl AdditionalClaims for Further {}

type Fields = IdTokenFields<
    Further,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// A client that keeps those claims.
pub(super) type ClientWith<Set, NotSet, MaybeSet> = openidconnect::Client<
    Further,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    Set,
    NotSet,
    NotSet,
    NotSet,
    MaybeSet,
    MaybeSet,
>;

/// Whom the provider has recognised.
pub(super) struct Person {
    /// Their name there: never given to anybody else.
    pub subject: String,
    /// Everything it says about them.
    pub claims: Value,
}

impl Provider {
    /// The person of a code.
    pub(super) async fn person(&self, code: &str, login: &Login, now: Timestamp) -> Result<Person, Failed> {
        let mut client = self.client(&*self.metadata(now).await?);
        let request = client.exchange_code(AuthorizationCode::new(code.to_owned())).map_err(Fault::internal)?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(login.verifier.clone()));
        let tokens = request.request_async(&self.http).await.map_err(|error| match error {
            RequestTokenError::Request(error) => {
                tracing::warn!(%error, "the provider of staff does not answer");
                Failed::Away
            }
            // The description may name somebody; the kind does not.
            RequestTokenError::ServerResponse(refusal) => untrusted(refusal.error()),
            error => untrusted(error),
        })?;
        let token = tokens.id_token().ok_or_else(|| untrusted("no identity token"))?;
        let nonce = Nonce::new(login.nonce.clone());
        let verify = |client: &Client| {
            let verifier = client.id_token_verifier().set_time_fn(|| SystemTime::from(now).into());
            token.claims(&verifier, &nonce).cloned()
        };
        let verified = match verify(&client) {
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                client = self.client(&*self.discover(now).await?);
                verify(&client)
            }
            verified => verified,
        };
        // What it says about a claim that does not hold may quote it: the kind is enough.
        let verified = verified.map_err(|error| untrusted(kind(&error)))?;
        let mut claims = serde_json::to_value(&verified).map_err(Fault::internal)?;
        let wanted = [&self.settings.roles_claim, &self.settings.school_claim, &self.settings.name_claim];
        if client.user_info_url().is_some() && !wanted.iter().all(|claim| claims::has(&claims, claim)) {
            let more = self.more(&client, tokens.access_token(), verified.subject().clone()).await?;
            merge(&mut claims, more);
        }
        Ok(Person { subject: verified.subject().to_string(), claims })
    }

    /// What stands at the provider's userinfo endpoint: many keep claims out of the token.
    async fn more(
        &self,
        client: &Client,
        access: &AccessToken,
        subject: openidconnect::SubjectIdentifier,
    ) -> Result<Value, Failed> {
        let request = client.user_info(access.clone(), Some(subject)).map_err(Fault::internal)?;
        let more: UserInfoClaims<Further, CoreGenderClaim> =
            request.request_async(&self.http).await.map_err(|error| match error {
                UserInfoError::Request(error) => {
                    tracing::warn!(%error, "the provider of staff does not answer");
                    Failed::Away
                }
                UserInfoError::ClaimsVerification(error) => untrusted(kind(&error)),
                _ => untrusted("userinfo"),
            })?;
        Ok(serde_json::to_value(&more).map_err(Fault::internal)?)
    }
}

/// Adds what the token does not say; what it says is signed, and stays.
fn merge(claims: &mut Value, more: Value) {
    if let (Value::Object(claims), Value::Object(more)) = (claims, more) {
        for (name, value) in more {
            claims.entry(name).or_insert(value);
        }
    }
}

fn untrusted(why: impl std::fmt::Display) -> Failed {
    tracing::warn!(%why, "an answer of the provider of staff is not taken");
    Failed::Untrusted
}

fn kind(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "expired",
        ClaimsVerificationError::InvalidAudience(_) => "audience",
        ClaimsVerificationError::InvalidIssuer(_) => "issuer",
        ClaimsVerificationError::InvalidNonce(_) => "nonce",
        ClaimsVerificationError::InvalidSubject(_) => "subject",
        ClaimsVerificationError::SignatureVerification(_) => "signature",
        _ => "claims",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::merge;

    #[test]
    fn what_is_signed_stays() {
        let mut claims = json!({ "roles": ["jury"], "name": "A" });
        merge(&mut claims, json!({ "roles": ["operator"], "school": "EAU" }));
        assert_eq!(claims, json!({ "roles": ["jury"], "name": "A", "school": "EAU" }));
    }
}
