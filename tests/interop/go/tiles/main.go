// Tiles reads a whole log with Go's own tlog and note packages: the checkpoint under the log's key, every hash through tiles
// that lead to it, every entry against its leaf, and a proof for each of the first and last entries.
//
//	tiles URL ORIGIN KEY    (KEY: the log's Ed25519 SubjectPublicKeyInfo in base64)
package main

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// C2SP tlog-tiles: tiles are 8 high, bundles 256 entries wide.
const (
	height = 8
	width  = 1 << height
)

func main() {
	if err := follow(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func follow(url, origin, key string) error {
	tree, err := checkpoint(url, origin, key)
	if err != nil {
		return err
	}
	hashes := tlog.TileHashReader(tree, reader{url})
	var indexes []int64
	for entry := range tree.N {
		indexes = append(indexes, tlog.StoredHashIndex(0, entry))
	}
	leaves, err := hashes.ReadHashes(indexes)
	if err != nil {
		return err
	}
	entries, err := entries(url, tree.N)
	if err != nil {
		return err
	}
	for index, entry := range entries {
		if tlog.RecordHash(entry) != leaves[index] {
			return fmt.Errorf("entry %d is not its leaf", index)
		}
	}
	for _, index := range []int64{0, tree.N - 1} {
		proof, err := tlog.ProveRecord(tree.N, index, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaves[index]); err != nil {
			return err
		}
	}
	fmt.Printf("%d entries lead to %s\n", tree.N, tree.Hash)
	return nil
}

func checkpoint(url, origin, key string) (tlog.Tree, error) {
	der, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return tlog.Tree{}, err
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return tlog.Tree{}, err
	}
	public, ok := parsed.(ed25519.PublicKey)
	if !ok {
		return tlog.Tree{}, errors.New("the log's key is not Ed25519")
	}
	text, err := note.NewEd25519VerifierKey(origin, public)
	if err != nil {
		return tlog.Tree{}, err
	}
	verifier, err := note.NewVerifier(text)
	if err != nil {
		return tlog.Tree{}, err
	}
	signed, err := get(url + "/checkpoint")
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 3 || lines[0] != origin {
		return tlog.Tree{}, errors.New("the checkpoint is of another log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	hash, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: hash}, err
}

type reader struct{ url string }

func (reader) Height() int                     { return height }
func (reader) SaveTiles([]tlog.Tile, [][]byte) {}
func (r reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		// Go's paths name the height, C2SP's do not.
		data, err := get(r.url + "/" + strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func entries(url string, size int64) ([][]byte, error) {
	var all [][]byte
	for first := int64(0); first < size; first += width {
		tile := tlog.Tile{H: height, L: -1, N: first / width, W: int(min(width, size-first))}
		path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		data, err := get(url + "/" + path)
		if err != nil {
			return nil, err
		}
		for len(data) > 0 {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s is cut short", path)
			}
			length := int(binary.BigEndian.Uint16(data))
			all = append(all, data[2:2+length])
			data = data[2+length:]
		}
	}
	if int64(len(all)) != size {
		return nil, fmt.Errorf("%d entries for a tree of %d", len(all), size)
	}
	return all, nil
}

func get(url string) ([]byte, error) {
	answer, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, answer.Status)
	}
	return io.ReadAll(answer.Body)
}
