// Rekor1 is a Rekor v1 log in one process: `rekor1 KEY` writes its public key (DER), prints its URL, and serves.
//
// Proposals are read and entries written by Rekor's own code, and so are checkpoints; a tree in memory stands in for Trillian,
// without which that server does not run.
package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/cyberphone/json-canonicalization/go/src/webpki.org/jsoncanonicalizer"
	"github.com/go-openapi/runtime"
	"github.com/sigstore/rekor/pkg/generated/models"
	"github.com/sigstore/rekor/pkg/types"
	_ "github.com/sigstore/rekor/pkg/types/dsse/v0.0.1"
	_ "github.com/sigstore/rekor/pkg/types/hashedrekord/v0.0.1"
	"github.com/sigstore/rekor/pkg/util"
	"github.com/sigstore/sigstore/pkg/signature"
)

const (
	hostname = "rekor.chancery.example"
	tree     = 4
	// Entries of earlier trees, which the global index counts too.
	earlier = 1000
)

type log struct {
	mutex  sync.Mutex
	leaves [][]byte
	signer signature.Signer
	id     string
}

func main() {
	if err := serve(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(path string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	signer, err := signature.LoadSigner(key, crypto.SHA256)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, public, 0o600); err != nil {
		return err
	}
	id := sha256.Sum256(public)
	served := &log{signer: signer, id: hex.EncodeToString(id[:]), leaves: [][]byte{leafHash([]byte("first")), leafHash([]byte("second"))}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	http.HandleFunc("POST /api/v1/log/entries", served.create)
	return http.Serve(listener, nil)
}

func (l *log) create(writer http.ResponseWriter, request *http.Request) {
	answer, err := l.add(request)
	writer.Header().Set("Content-Type", "application/json")
	if err != nil {
		writer.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(writer).Encode(map[string]any{"code": 400, "message": err.Error()})
		return
	}
	// Clients look for the entry under the name that stands here.
	for name := range answer {
		writer.Header().Set("ETag", name)
	}
	writer.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(writer).Encode(answer)
}

func (l *log) add(request *http.Request) (models.LogEntry, error) {
	ctx := request.Context()
	proposal, err := models.UnmarshalProposedEntry(request.Body, runtime.JSONConsumer())
	if err != nil {
		return nil, err
	}
	entry, err := types.CreateVersionedEntry(proposal)
	if err != nil {
		return nil, err
	}
	body, err := types.CanonicalizeEntry(ctx, entry)
	if err != nil {
		return nil, err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	hash := leafHash(body)
	index := int64(len(l.leaves))
	l.leaves = append(l.leaves, hash)
	global, now := earlier+index, time.Now().Unix()
	logged := models.LogEntryAnon{LogID: &l.id, LogIndex: &global, Body: body, IntegratedTime: &now}
	promise, err := l.promise(logged)
	if err != nil {
		return nil, err
	}
	proof, err := l.proof(ctx, index)
	if err != nil {
		return nil, err
	}
	logged.Verification = &models.LogEntryAnonVerification{SignedEntryTimestamp: promise, InclusionProof: proof}
	return models.LogEntry{fmt.Sprintf("%016x%s", tree, hex.EncodeToString(hash)): logged}, nil
}

// As Rekor's signEntry.
func (l *log) promise(entry models.LogEntryAnon) ([]byte, error) {
	payload, err := entry.MarshalBinary()
	if err != nil {
		return nil, err
	}
	canonical, err := jsoncanonicalizer.Transform(payload)
	if err != nil {
		return nil, err
	}
	return l.signer.SignMessage(bytes.NewReader(canonical))
}

func (l *log) proof(ctx context.Context, index int64) (*models.InclusionProof, error) {
	root, size := rootOf(l.leaves), int64(len(l.leaves))
	checkpoint, err := util.CreateAndSignCheckpoint(ctx, hostname, tree, uint64(size), root, l.signer)
	if err != nil {
		return nil, err
	}
	text, rootHex := string(checkpoint), hex.EncodeToString(root)
	var hashes []string
	for _, hash := range path(l.leaves, index) {
		hashes = append(hashes, hex.EncodeToString(hash))
	}
	return &models.InclusionProof{Checkpoint: &text, Hashes: hashes, LogIndex: &index, RootHash: &rootHex, TreeSize: &size}, nil
}

// RFC 6962 2.1.
func leafHash(body []byte) []byte {
	hash := sha256.Sum256(append([]byte{0}, body...))
	return hash[:]
}

func rootOf(leaves [][]byte) []byte {
	if len(leaves) == 1 {
		return leaves[0]
	}
	half := split(len(leaves))
	hash := sha256.Sum256(bytes.Join([][]byte{{1}, rootOf(leaves[:half]), rootOf(leaves[half:])}, nil))
	return hash[:]
}

// RFC 6962 2.1.1.
func path(leaves [][]byte, index int64) [][]byte {
	if len(leaves) == 1 {
		return nil
	}
	half := split(len(leaves))
	if index < int64(half) {
		return append(path(leaves[:half], index), rootOf(leaves[half:]))
	}
	return append(path(leaves[half:], index-int64(half)), rootOf(leaves[:half]))
}

func split(size int) int {
	half := 1
	for half*2 < size {
		half *= 2
	}
	return half
}
