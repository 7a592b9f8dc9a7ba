// Signs a file as sigstore-js does: `node sign.js SIGNING_CONFIG TOKEN BUNDLE FILE [dsse]`. The token comes from its file.
import { readFileSync, writeFileSync } from 'node:fs';
import { bundleToJSON } from '@sigstore/bundle';
import { SigningConfig } from '@sigstore/protobuf-specs';
import { bundleBuilderFromSigningConfig } from '@sigstore/sign';

const [config, token, bundle, file, dsse] = process.argv.slice(2);
const builder = bundleBuilderFromSigningConfig({
  signingConfig: SigningConfig.fromJSON(JSON.parse(readFileSync(config, 'utf8'))),
  identityProvider: { getToken: async () => readFileSync(token, 'utf8').trim() },
  bundleType: dsse ? 'dsseEnvelope' : 'messageSignature',
  fetchOptions: { timeout: 20000, retry: false },
});
const type = dsse ? 'application/vnd.in-toto+json' : undefined;
writeFileSync(bundle, JSON.stringify(bundleToJSON(await builder.create({ data: readFileSync(file), type }))));
