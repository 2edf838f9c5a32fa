// The provider of a school, for the tests of staff's sign-in: the real `oidc-provider` with its own sign-in and consent
// pages. What it answers is its own, except after POST /tamper: then claims of the next identity tokens are replaced, or
// they are signed with a key that it has published since.
//
// PEOPLE: {"subject": {claims}}, ISSUER, CLIENT_ID, CLIENT_SECRET, RETURN, SIGNED_OUT: see tests/tests/oidc.rs.
import { createServer } from 'node:http';
import * as jose from 'jose';
import { Provider } from 'oidc-provider';

const { PEOPLE, ISSUER, CLIENT_ID, CLIENT_SECRET, RETURN, SIGNED_OUT } = process.env;
const people = JSON.parse(PEOPLE);

async function key(kid) {
  const { privateKey, publicKey } = await jose.generateKeyPair('RS256', { extractable: true });
  const mark = { kid, alg: 'RS256', use: 'sig' };
  return {
    kid, privateKey, private: { ...(await jose.exportJWK(privateKey)), ...mark }, public: { ...(await jose.exportJWK(publicKey)), ...mark },
  };
}

const keys = [await key('first')];
let claims = {};

const provider = new Provider(ISSUER, {
  clients: [{
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    redirect_uris: [RETURN],
    post_logout_redirect_uris: [SIGNED_OUT],
  }],
  jwks: { keys: [keys[0].private] },
  cookies: { keys: ['of the tests'] },
  pkce: { required: () => true },
  scopes: ['openid', 'profile', 'affiliation'],
  claims: { openid: ['sub'], profile: ['name'], affiliation: ['roles', 'etablissement'] },
  findAccount: (ctx, sub) => (people[sub] ? { accountId: sub, claims: () => ({ sub, ...people[sub] }) } : undefined),
});

provider.use(async (ctx, next) => {
  if (ctx.path === '/tamper' && ctx.method === 'POST') {
    const chunks = [];
    for await (const chunk of ctx.req) chunks.push(chunk);
    const asked = JSON.parse(Buffer.concat(chunks).toString());
    claims = asked.claims ?? {};
    if (asked.rotate) keys.unshift(await key(asked.rotate));
    ctx.status = 204;
    return;
  }
  await next();
  if (ctx.path === '/jwks') ctx.body = { keys: keys.map((k) => k.public) };
  if (ctx.path === '/token' && ctx.body?.id_token && (Object.keys(claims).length || keys.length > 1)) {
    const told = { ...jose.decodeJwt(ctx.body.id_token), ...claims };
    const signed = new jose.SignJWT(told).setProtectedHeader({ alg: 'RS256', kid: keys[0].kid });
    ctx.body.id_token = await signed.sign(keys[0].privateKey);
  }
});

createServer(provider.callback()).listen(Number(new URL(ISSUER).port), '127.0.0.1');
