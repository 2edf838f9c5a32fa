//! From a bearer token to a [`Caller`].

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, Validation};

use crate::{
    auth::{Caller, Claims, KeySet, LEEWAY, LONGEST_LIFE},
    refusal::Refusal,
};

/// Checks tokens against a key set, an audience and our own clock.
#[derive(Debug, Clone)]
pub struct Verifier {
    keys: KeySet,
    audience: String,
}

impl Verifier {
    /// Accepts tokens under `keys` that are meant for `audience`.
    #[must_use]
    pub fn new(keys: KeySet, audience: impl Into<String>) -> Self {
        Self { keys, audience: audience.into() }
    }

    /// The caller that `authorization` (the whole header) names. `stamp` is the instant at which this server received
    /// the request: validity is checked against it, and it is the receipt unless an edge's key vouches for an earlier
    /// one.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, with a reason per fault.
    pub fn caller(&self, authorization: Option<&[u8]>, stamp: Timestamp) -> Result<Caller, Refusal> {
        let Some(header) = authorization else { return Ok(Caller::anonymous(stamp)) };
        let token = std::str::from_utf8(header)
            .ok()
            .and_then(|header| header.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| refused("TOKEN_MALFORMED", "the authorization header is not `Bearer <token>`"))?;

        let header = jsonwebtoken::decode_header(token)
            .map_err(|_| refused("TOKEN_MALFORMED", "this is not a JSON Web Token of an accepted kind"))?;
        if header.alg != Algorithm::EdDSA {
            return Err(refused("TOKEN_ALGORITHM", "only EdDSA is accepted").allowed(["EdDSA"]));
        }
        let kid = header.kid.ok_or_else(|| refused("TOKEN_KEY_UNKNOWN", "the token names no key (kid)"))?;
        let key = self.keys.get(&kid).ok_or_else(|| refused("TOKEN_KEY_UNKNOWN", "no such key (kid) is trusted"))?;

        // Instants and audience are ours to check: the library would read the ambient clock.
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.validate_exp = false;
        rules.validate_nbf = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        let claims = jsonwebtoken::decode::<Claims>(token, &key.verifies, &rules).map_err(|e| match e.kind() {
            jsonwebtoken::errors::ErrorKind::InvalidSignature => {
                refused("TOKEN_SIGNATURE", "the signature does not verify")
            }
            _ => refused("TOKEN_MALFORMED", "the token's claims cannot be read"),
        })?;
        self.check(&claims.claims, key.edge, stamp)
    }

    fn check(&self, claims: &Claims, edge: bool, stamp: Timestamp) -> Result<Caller, Refusal> {
        if !claims.aud.holds(&self.audience) {
            return Err(
                refused("TOKEN_AUDIENCE", "the token is meant for another audience").allowed([self.audience.clone()])
            );
        }
        let instant = |seconds, claim: &str| {
            Timestamp::from_second(seconds)
                .map_err(|_| refused("TOKEN_MALFORMED", "an instant is out of range").with("claim", claim))
        };
        let (issued, expires) = (instant(claims.iat, "iat")?, instant(claims.exp, "exp")?);
        if expires.duration_since(issued) > LONGEST_LIFE || expires <= issued {
            return Err(refused("TOKEN_LIFETIME", "a token lives more than no time and at most five minutes"));
        }
        if issued.duration_since(stamp) > LEEWAY {
            return Err(
                refused("TOKEN_NOT_YET_VALID", "the token is issued in the future").with("now", stamp.to_string())
            );
        }
        if stamp >= expires {
            return Err(refused("TOKEN_EXPIRED", "the token has expired").with("now", stamp.to_string()));
        }
        if claims.sub.is_empty() || claims.role.is_empty() || claims.role == super::ANONYMOUS {
            return Err(refused("TOKEN_MALFORMED", "the token names no subject or no role"));
        }
        let received_at = match &claims.rcv {
            // From anyone but an edge the claim is only hearsay: our own stamp stands.
            Some(receipt) if edge => {
                let at = receipt
                    .instant()
                    .ok_or_else(|| refused("TOKEN_RECEIPT", "the instant of receipt cannot be read"))?;
                if at < issued || at > expires || at.duration_since(stamp) > LEEWAY {
                    return Err(refused("TOKEN_RECEIPT", "the instant of receipt lies outside the token's life"));
                }
                at
            }
            _ => stamp,
        };
        Ok(Caller {
            subject: claims.sub.clone(),
            act_for: claims.act_for.clone(),
            role: claims.role.clone(),
            unit: claims.unit.clone(),
            received_at,
        })
    }
}

fn refused(reason: &'static str, why: &str) -> Refusal {
    Refusal::unauthenticated(reason, "authorization", why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Issuer, KeyPair};
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use jiff::{SignedDuration, ToSpan as _};

    const AUDIENCE: &str = "services";

    struct House {
        idp: Issuer,
        edge: Issuer,
        verifier: Verifier,
    }

    fn house() -> House {
        let idp = KeyPair::from_seed(&[1; 32], false).unwrap();
        let edge = KeyPair::from_seed(&[2; 32], true).unwrap();
        let keys = KeySet::fixed(&[idp.jwk.clone(), edge.jwk.clone()]).unwrap();
        House { idp: idp.issuer().unwrap(), edge: edge.issuer().unwrap(), verifier: Verifier::new(keys, AUDIENCE) }
    }

    fn now() -> Timestamp {
        "2026-03-20T21:59:59.999Z".parse().unwrap()
    }

    fn someone() -> Caller {
        Caller {
            subject: "u1".into(),
            act_for: Some("u2".into()),
            role: "clerk".into(),
            unit: Some("north".into()),
            received_at: now(),
        }
    }

    fn bearer(issuer: &Issuer, claims: &Claims) -> String {
        format!("Bearer {}", issuer.sign(claims).unwrap())
    }

    fn claims() -> Claims {
        Claims::of(&someone(), AUDIENCE, now())
    }

    impl House {
        fn ask(&self, header: &str) -> Result<Caller, &'static str> {
            self.verifier.caller(Some(header.as_bytes()), now()).map_err(|refusal| {
                assert_eq!(refusal.code(), tonic::Code::Unauthenticated);
                refusal.reason()
            })
        }
    }

    #[test]
    fn a_good_token_names_its_caller_and_the_server_stamps() {
        let house = house();
        assert_eq!(house.ask(&bearer(&house.idp, &claims())), Ok(someone()));
    }

    #[test]
    fn no_token_is_anonymous_and_a_broken_header_is_not() {
        let house = house();
        let nobody = house.verifier.caller(None, now()).unwrap();
        assert_eq!(nobody, Caller::anonymous(now()));
        for header in ["", "Bearer", "Basic dTpw", "Bearer x.y.z", "Bearer ..", "Bearer \u{e9}"] {
            assert_eq!(house.ask(header), Err("TOKEN_MALFORMED"), "{header}");
        }
    }

    #[test]
    fn validity_is_by_our_clock_to_the_second() {
        let house = house();
        let at = |iat: i64, life: i64| {
            let mut claims = claims();
            claims.iat = now().as_second() + iat;
            claims.exp = claims.iat + life;
            house.ask(&bearer(&house.idp, &claims)).map(|_| ())
        };
        assert_eq!(at(0, 300), Ok(()));
        assert_eq!(at(0, 301), Err("TOKEN_LIFETIME"));
        assert_eq!(at(0, 0), Err("TOKEN_LIFETIME"));
        assert_eq!(at(-300, 300), Err("TOKEN_EXPIRED"));
        assert_eq!(at(-299, 300), Ok(()));
        let token = bearer(&house.idp, &claims());
        let ask = |stamp| house.verifier.caller(Some(token.as_bytes()), stamp).map(|_| ()).map_err(|r| r.reason());
        let expiry = Timestamp::from_second(claims().exp).unwrap();
        assert_eq!(ask(expiry - 1.nanosecond()), Ok(()));
        assert_eq!(ask(expiry), Err("TOKEN_EXPIRED"), "dead from that instant on");
        assert_eq!(at(5, 300), Ok(()), "an issuer's clock may run a little ahead");
        assert_eq!(at(7, 300), Err("TOKEN_NOT_YET_VALID"));
        assert_eq!(at(i64::MAX / 2, 300), Err("TOKEN_MALFORMED"));
    }

    #[test]
    fn audience_subject_and_role_are_required() {
        let house = house();
        let with = |change: fn(&mut Claims)| {
            let mut claims = claims();
            change(&mut claims);
            house.ask(&bearer(&house.idp, &claims)).map(|_| ())
        };
        assert_eq!(with(|c| c.aud = crate::auth::issue::Audience::One("others".into())), Err("TOKEN_AUDIENCE"));
        let many = |c: &mut Claims| c.aud = crate::auth::issue::Audience::Many(vec!["others".into(), AUDIENCE.into()]);
        assert_eq!(with(many), Ok(()));
        assert_eq!(with(|c| c.sub.clear()), Err("TOKEN_MALFORMED"));
        assert_eq!(with(|c| c.role = "anonymous".into()), Err("TOKEN_MALFORMED"));
    }

    #[test]
    fn keys_must_be_known_and_signatures_theirs() {
        let house = house();
        let stranger = KeyPair::from_seed(&[3; 32], true).unwrap();
        assert_eq!(house.ask(&bearer(&stranger.issuer().unwrap(), &claims())), Err("TOKEN_KEY_UNKNOWN"));
        let forger = Issuer::parse(&stranger.private, Some(house.idp.kid())).unwrap();
        assert_eq!(house.ask(&bearer(&forger, &claims())), Err("TOKEN_SIGNATURE"));
        let good = bearer(&house.idp, &claims());
        let (head, signature) = good.rsplit_once('.').unwrap();
        let (header, _) = head.rsplit_once('.').unwrap();
        let mut raised = claims();
        raised.role = "boss".into();
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_string(&raised).unwrap());
        assert_eq!(house.ask(&format!("{header}.{payload}.{signature}")), Err("TOKEN_SIGNATURE"));
    }

    #[test]
    fn no_other_algorithm_is_accepted() {
        let house = house();
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_string(&claims()).unwrap());
        let with = |header: serde_json::Value| {
            let header = URL_SAFE_NO_PAD.encode(header.to_string());
            house.ask(&format!("Bearer {header}.{payload}.")).map(|_| ())
        };
        let kid = house.idp.kid();
        assert_eq!(with(serde_json::json!({ "alg": "none", "kid": kid })), Err("TOKEN_MALFORMED"));
        assert_eq!(with(serde_json::json!({ "alg": "HS256", "kid": kid })), Err("TOKEN_ALGORITHM"));
        assert_eq!(with(serde_json::json!({ "alg": "EdDSA" })), Err("TOKEN_KEY_UNKNOWN"));
        // The public key as an HMAC secret, the classic confusion.
        let public = URL_SAFE_NO_PAD.decode(house.idp.jwk(false).unwrap().x).unwrap();
        let mut header = jsonwebtoken::Header::new(Algorithm::HS256);
        header.kid = Some(kid.into());
        let confused =
            jsonwebtoken::encode(&header, &claims(), &jsonwebtoken::EncodingKey::from_secret(&public)).unwrap();
        assert_eq!(house.ask(&format!("Bearer {confused}")), Err("TOKEN_ALGORITHM"));
    }

    #[test]
    fn only_an_edge_says_when_a_request_was_received() {
        let house = house();
        let earlier = now() - SignedDuration::from_millis(700);
        let stamped = claims().received_at(earlier);
        assert_eq!(house.ask(&bearer(&house.edge, &stamped)).map(|c| c.received_at), Ok(earlier));
        assert_eq!(house.ask(&bearer(&house.idp, &stamped)).map(|c| c.received_at), Ok(now()), "hearsay");
        let mut text = claims();
        text.rcv = Some(crate::auth::issue::Receipt::Text("2026-03-20T21:59:59.5Z".into()));
        let read = house.ask(&bearer(&house.edge, &text)).map(|c| c.received_at);
        assert_eq!(read, Ok("2026-03-20T21:59:59.5Z".parse().unwrap()));
    }

    #[test]
    fn a_receipt_outside_the_tokens_life_is_refused() {
        let house = house();
        let received = |at: Timestamp| house.ask(&bearer(&house.edge, &claims().received_at(at))).map(|_| ());
        assert_eq!(received(now() - 1.second()), Err("TOKEN_RECEIPT"), "before the token was issued");
        assert_eq!(received(now() + 6.seconds()), Err("TOKEN_RECEIPT"), "in our future");
        let mut unreadable = claims();
        unreadable.rcv = Some(crate::auth::issue::Receipt::Text("yesterday".into()));
        assert_eq!(house.ask(&bearer(&house.edge, &unreadable)), Err("TOKEN_RECEIPT"));
    }

    #[test]
    fn the_key_file_is_read_again_when_it_changes() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("jwks.json");
        let first = KeyPair::generate(false).unwrap();
        let second = KeyPair::generate(false).unwrap();
        std::fs::write(&file, KeyPair::jwks(std::slice::from_ref(&first.jwk))).unwrap();
        let verifier = Verifier::new(KeySet::load(&file).unwrap(), AUDIENCE);
        let ask = |pair: &KeyPair| {
            let header = bearer(&pair.issuer().unwrap(), &claims());
            verifier.caller(Some(header.as_bytes()), now()).map(|_| ()).map_err(|refusal| refusal.reason())
        };
        assert_eq!(ask(&first), Ok(()));
        assert_eq!(ask(&second), Err("TOKEN_KEY_UNKNOWN"));
        std::fs::write(&file, KeyPair::jwks(&[first.jwk.clone(), second.jwk.clone()])).unwrap();
        let accepted = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            ask(&second).is_ok()
        });
        assert!(accepted, "the new key is found within two seconds");
        std::fs::write(&file, "not json").unwrap();
        std::thread::sleep(std::time::Duration::from_millis(150));
        assert_eq!(ask(&KeyPair::generate(false).unwrap()), Err("TOKEN_KEY_UNKNOWN"));
        assert_eq!(ask(&first), Ok(()), "a broken file leaves the keys in force");
    }
}
