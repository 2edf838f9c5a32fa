-- Sign-ins of staff that their provider has not answered yet: each is bound to one browser, used once, and short-lived.
create table logins (
    -- SHA-256 of the state that comes back in the address, and of the cookie of the browser that asked.
    state_sha256  bytea primary key,
    cookie_sha256 bytea not null,
    -- What the answer must match: nonce of the identity token, verifier of the code (PKCE).
    nonce         text not null,
    verifier      text not null,
    -- Where they wanted to go, a path of ours.
    next          text not null,
    began_at      timestamptz not null
);
