// A real OpenID provider on loopback: `node provider.js` prints its URL, then answers.
// People log in by name alone and every consent is given: what is tested is the engine that reads its tokens.
import Provider from 'oidc-provider';

const accounts = {
  bob: { email: 'bob@example.org', email_verified: true },
  eve: { email: 'alice@example.org', email_verified: false },
};

const client = (id) => ({
  client_id: id,
  client_secret: `${id}-secret`,
  redirect_uris: ['http://127.0.0.1:1/callback'],
  grant_types: ['authorization_code'],
  response_types: ['code'],
  id_token_signed_response_alg: id === 'sigstore-ed' ? 'EdDSA' : 'RS256',
});

const { default: http } = await import('node:http');
const { generateKeyPairSync } = await import('node:crypto');
const jwk = (pair, id, alg) => ({ ...pair.privateKey.export({ format: 'jwk' }), kid: id, use: 'sig', alg });

const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, {
    clients: [client('sigstore'), client('sigstore-ed'), client('another')],
    jwks: {
      keys: [
        jwk(generateKeyPairSync('rsa', { modulusLength: 2048 }), 'rsa-1', 'RS256'),
        jwk(generateKeyPairSync('ed25519'), 'ed-1', 'EdDSA'),
      ],
    },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'EdDSA'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...accounts[id] }) }),
    features: { devInteractions: { enabled: true } },
    pkce: { required: () => false },
    ttl: { IdToken: () => 600 },
    cookies: { keys: ['not a secret'] },
  });
  server.on('request', provider.callback());
  console.log(url);
});
