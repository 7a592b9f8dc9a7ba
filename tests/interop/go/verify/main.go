// Verify judges a bundle with sigstore-go as its documentation shows: certificate promise, log entry and time-stamp demanded.
//
//	verify TRUSTED_ROOT BUNDLE IDENTITY ISSUER FILE|sha256:DIGEST
package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/verify"
)

func main() {
	if err := judge(os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("verified")
}

func judge(rootPath, bundlePath, identity, issuer, about string) error {
	trusted, err := root.NewTrustedRootFromPath(rootPath)
	if err != nil {
		return err
	}
	signed, err := bundle.LoadJSONFromPath(bundlePath)
	if err != nil {
		return err
	}
	verifier, err := verify.NewVerifier(trusted, verify.WithSignedCertificateTimestamps(1), verify.WithTransparencyLog(1),
		verify.WithObserverTimestamps(1))
	if err != nil {
		return err
	}
	signer, err := verify.NewShortCertificateIdentity(issuer, "", identity, "")
	if err != nil {
		return err
	}
	artifact, err := artifactOf(about)
	if err != nil {
		return err
	}
	_, err = verifier.Verify(signed, verify.NewPolicy(artifact, verify.WithCertificateIdentity(signer)))
	return err
}

func artifactOf(about string) (verify.ArtifactPolicyOption, error) {
	if digest, ok := strings.CutPrefix(about, "sha256:"); ok {
		bytes, err := hex.DecodeString(digest)
		return verify.WithArtifactDigest("sha256", bytes), err
	}
	file, err := os.Open(about)
	return verify.WithArtifact(file), err
}
