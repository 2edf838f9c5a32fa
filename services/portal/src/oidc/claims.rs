//! What a provider's claims about somebody make of them here. Pure.

use contracts::roles;
use serde_json::Value;

use crate::{domain::grant::Grant, settings::Oidc};

/// Roles that are worn at one school.
const OF_A_SCHOOL: &[&str] = &[roles::STAFF, roles::FINANCE, roles::PLANNER];

/// What is missing in somebody's claims. It names the claim and never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lacks {
    /// This claim holds no role that is known here.
    Role(String),
    /// This claim holds no school of the session, which this role needs.
    School {
        /// Name of the claim.
        claim: String,
        /// Role that is worn at one school.
        role: String,
    },
}

/// Everything somebody may be: each role, and each role of one school at each of their schools, in the provider's order.
///
/// # Errors
/// No role, or a role of one school and no school.
pub fn grants(settings: &Oidc, claims: &Value) -> Result<Vec<Grant>, Lacks> {
    let known = |map: &std::collections::BTreeMap<String, String>, claim: &str| {
        let mut ours: Vec<String> = Vec::new();
        for word in words(claims, claim) {
            if let Some(meant) = map.get(word).filter(|meant| !ours.contains(meant)) {
                ours.push(meant.clone());
            }
        }
        ours
    };
    let roles = known(&settings.roles, &settings.roles_claim);
    if roles.is_empty() {
        return Err(Lacks::Role(settings.roles_claim.clone()));
    }
    let schools = known(&settings.schools, &settings.school_claim);
    let mut grants = Vec::new();
    for role in roles {
        if !OF_A_SCHOOL.contains(&role.as_str()) {
            grants.push(Grant::of(&role));
        } else if schools.is_empty() {
            return Err(Lacks::School { claim: settings.school_claim.clone(), role });
        } else {
            grants.extend(schools.iter().map(|school| Grant::at(&role, school)));
        }
    }
    Ok(grants)
}

/// How to address them; empty if the claim is not there.
#[must_use]
pub fn name<'a>(settings: &Oidc, claims: &'a Value) -> &'a str {
    words(claims, &settings.name_claim).first().copied().unwrap_or_default()
}

/// Whether a claim is there at all, whatever it holds.
#[must_use]
pub fn has(claims: &Value, claim: &str) -> bool {
    find(claims, claim).is_some()
}

/// A word or a list of words.
fn words<'a>(claims: &'a Value, claim: &str) -> Vec<&'a str> {
    match find(claims, claim) {
        Some(Value::String(word)) => vec![word],
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// A claim by its name; where no claim is called so, a dot leads into an object.
fn find<'a>(claims: &'a Value, claim: &str) -> Option<&'a Value> {
    claims.get(claim).or_else(|| {
        let (outer, inner) = claim.split_once('.')?;
        find(claims.get(outer)?, inner)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings(roles_claim: &str) -> Oidc {
        let text = format!(
            "issuer = \"https://id.example.fr\"\nclient_id = \"admis\"\nroles_claim = {roles_claim:?}\nschool_claim = \"school\"\n[roles]\nadmissions = \"staff\"\nbursar = \"finance\"\njury = \"jury\"\n[schools]\nEAU = \"eau\"\nFER = \"fer\""
        );
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn every_role_is_given_at_every_school_it_is_worn_at() {
        let claims =
            json!({ "roles": ["admissions", "anything", "jury", "admissions"], "school": ["FER", "EAU", "?"] });
        let all = [Grant::at("staff", "fer"), Grant::at("staff", "eau"), Grant::of("jury")];
        assert_eq!(grants(&settings("roles"), &claims).unwrap(), all);
        let nested = json!({ "realm": { "roles": "bursar" }, "school": "EAU" });
        assert_eq!(grants(&settings("realm.roles"), &nested).unwrap(), [Grant::at("finance", "eau")]);
        // A claim whose own name has a dot is found by that name.
        let named = json!({ "https://x.fr/roles": "jury" });
        assert_eq!(grants(&settings("https://x.fr/roles"), &named).unwrap(), [Grant::of("jury")]);
    }

    #[test]
    fn what_lacks_is_named_by_its_claim() {
        let lacks = |claims| grants(&settings("roles"), &claims).unwrap_err();
        assert_eq!(lacks(json!({ "roles": ["dean"], "school": "EAU" })), Lacks::Role("roles".into()));
        assert_eq!(lacks(json!({ "school": "EAU" })), Lacks::Role("roles".into()));
        let school = Lacks::School { claim: "school".into(), role: "finance".into() };
        assert_eq!(lacks(json!({ "roles": ["jury", "bursar"], "school": "SEL" })), school);
        assert_eq!(lacks(json!({ "roles": "bursar" })), school);
    }

    #[test]
    fn a_name_is_a_word_or_nothing() {
        assert_eq!(name(&settings("roles"), &json!({ "name": "Camille" })), "Camille");
        assert_eq!(name(&settings("roles"), &json!({ "name": 3 })), "");
        assert!(has(&json!({ "a": { "b": [] } }), "a.b") && !has(&json!({ "a": 1 }), "a.b"));
    }
}
