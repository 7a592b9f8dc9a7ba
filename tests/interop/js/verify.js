// Judges a bundle as sigstore-js does: `node verify.js TRUSTED_ROOT BUNDLE IDENTITY ISSUER FILE`. Exits 0 or says why not.
import { readFileSync } from 'node:fs';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';

const [root, path, identity, issuer, file] = process.argv.slice(2);
const read = (name) => JSON.parse(readFileSync(name, 'utf8'));
const bundle = bundleFromJSON(read(path));
// What an envelope is about is its reader's business here: the library compares no subject.
const artifact = bundle.content.$case === 'messageSignature' ? readFileSync(file) : undefined;
new Verifier(toTrustMaterial(TrustedRoot.fromJSON(read(root)))).verify(toSignedEntity(bundle, artifact), {
  subjectAlternativeName: identity,
  extensions: { issuer },
});
