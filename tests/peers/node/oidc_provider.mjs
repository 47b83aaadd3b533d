// A certified OpenID provider (npm oidc-provider) as the other side of tests. Started by tests/peers/node_servers.py, which says how
// to use it. Reads one JSON file of settings, prints one line of JSON when it listens.
//
// Settings: port (0: a free one), host (a name that leads to 127.0.0.1), fhir (the FHIR server's base address, may be empty),
// clients (as the OpenID registration calls their fields), redirect_hosts (any address there may be sent back to), people ({login: {password, claims}}), launches ({handle: {patient, ...}}).
//
// What lives here beside the provider itself: a sign-in page that a test can post to, the launch context of SMART App Launch 2.2 in
// the token response, and /control/ to turn keys. What does not: any FHIR (fhir_server.mjs).
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { errors } from 'oidc-provider';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const launchOfGrant = new Map();
const server = createServer();
await new Promise((ready) => server.listen(settings.port ?? 0, '127.0.0.1', ready));
const issuer = `http://${settings.host ?? 'localhost'}:${server.address().port}`;

let made = 0;
async function newKey() {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  made += 1;
  return { ...(await exportJWK(privateKey)), kid: `key-${made}`, use: 'sig', alg: 'RS256' };
}

function configuration(keys) {
  return {
    clients: settings.clients,
    jwks: { keys },
    cookies: { keys: ['only for tests'] },
    scopes: ['openid', 'offline_access', 'profile', 'email', 'roles', 'fhirUser', 'launch', 'launch/patient', ...(settings.scopes ?? [])],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], roles: ['roles'], fhirUser: ['fhirUser'] },
    // The claims of a scope stand in the ID token itself, as most makers' providers have it, unless `claims_by_userinfo_alone`.
    conformIdTokenClaims: Boolean(settings.claims_by_userinfo_alone),
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'PS256', 'EdDSA', 'Ed25519'] },
    pkce: { required: () => true },
    extraParams: {
      launch: null,
      aud: (_ctx, value) => {
        if (value && settings.fhir && value !== settings.fhir) throw new errors.InvalidRequest('aud is not this server');
      },
    },
    findAccount: (_ctx, login) => {
      const person = settings.people?.[login];
      return person && { accountId: login, claims: () => ({ sub: login, ...person.claims }) };
    },
    interactions: { url: (_ctx, interaction) => `/sign-in/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx) => (forFhir(ctx) ? settings.fhir : undefined),
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'openid fhirUser launch launch/patient ' + (settings.scopes ?? []).join(' '),
          audience: settings.fhir,
          accessTokenTTL: settings.token_seconds ?? 300,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
    ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Interaction: 600, Session: 3600, Grant: 3600, ClientCredentials: 300 },
    renderError: (ctx, out) => {
      ctx.type = 'html';
      ctx.body = `<!doctype html><title>Refused</title><p>${escaped(out.error)}: ${escaped(out.error_description ?? '')}</p>`;
    },
  };
}

function forFhir(ctx) {
  const asked = ctx.oidc?.params ?? {};
  return settings.fhir && (asked.grant_type === 'client_credentials' || asked.aud === settings.fhir);
}

const escaped = (text) => String(text).replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

let keys = [await newKey()];
let provider, callback;
function rebuild() {
  provider = new Provider(issuer, configuration(keys));
  // Tests listen on ports that nobody knows beforehand: any address on these hosts will do.
  const hosts = settings.redirect_hosts ?? [];
  const exact = provider.Client.prototype.redirectUriAllowed;
  provider.Client.prototype.redirectUriAllowed = function allowed(uri) {
    return hosts.includes(URL.parse(uri)?.hostname) || exact.call(this, uri);
  };
  // SMART App Launch 2.2, section 2.0.11: the context stands beside the access token.
  provider.use(async (ctx, next) => {
    await next();
    const code = ctx.oidc?.entities?.AuthorizationCode;
    const context = code && settings.launches?.[launchOfGrant.get(code.grantId)];
    if (ctx.oidc?.route === 'token' && ctx.status === 200 && context) Object.assign(ctx.body, context);
  });
  callback = provider.callback();
}
rebuild();

function page(uid, wrong) {
  return `<!doctype html><html lang="en"><title>Sign in</title><h1>Sign in</h1>${wrong ? '<p role="alert">Not known</p>' : ''}
<form method="post" action="/sign-in/${uid}"><label>User name <input name="login"></label>
<label>Password <input name="password" type="password"></label><button>Sign in</button></form></html>`;
}

async function signIn(request, response, uid) {
  const told = new URLSearchParams(await bodyOf(request));
  const login = told.get('login') ?? '';
  const person = settings.people?.[login];
  if (!person || person.password !== told.get('password')) {
    response.writeHead(401, { 'content-type': 'text/html' }).end(page(uid, true));
    return;
  }
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: login, clientId: params.client_id });
  grant.addOIDCScope(params.scope ?? 'openid');
  if (settings.fhir) grant.addResourceScope(settings.fhir, params.scope ?? '');
  const grantId = await grant.save();
  launchOfGrant.set(grantId, params.launch ?? '');
  await provider.interactionFinished(request, response, { login: { accountId: login }, consent: { grantId } });
}

async function bodyOf(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

// turn: a new key signs, the old one is still published. retire: only the key that signs is published.
const control = {
  '/control/turn': async () => { keys = [await newKey(), ...keys]; },
  '/control/retire': async () => { keys = keys.slice(0, 1); },
};

server.on('request', async (request, response) => {
  const { pathname } = new URL(request.url, issuer);
  try {
    if (request.method === 'POST' && control[pathname]) {
      await control[pathname]();
      rebuild();
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ kid: keys[0].kid }));
    } else if (pathname.startsWith('/sign-in/')) {
      const uid = pathname.split('/')[2];
      if (request.method === 'POST') await signIn(request, response, uid);
      else response.writeHead(200, { 'content-type': 'text/html' }).end(page(uid, false));
    } else {
      callback(request, response);
    }
  } catch (error) {
    response.writeHead(400, { 'content-type': 'text/plain' }).end(String(error.name));
  }
});
console.log(JSON.stringify({ port: server.address().port, issuer }));
