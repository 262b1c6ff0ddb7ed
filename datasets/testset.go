package datasets

import "context"

// TestSet returns the manifest of a set of one plain file, for tools that try
// fetching against a server of their own: name.bin at an address, of a size and a
// SHA-256.
func TestSet(name, url string, bytes int64, sha256 string) *Manifest {
	return &Manifest{
		Name: name, Title: name, What: "a file for trials", Use: "trials", Homepage: url, License: "none", Layout: "one file",
		Folders: []string{name}, Markers: []string{name + ".bin"},
		Sources: []Source{{URL: url, Bytes: bytes, SHA256: sha256, File: name + ".bin"}},
	}
}

// FetchSet is Fetch of a set that this program does not know. It returns an error
// that names the field if the manifest is no valid one.
func FetchSet(ctx context.Context, m *Manifest, cfg FetchConfig) (Location, error) {
	if err := m.check(); err != nil {
		return Location{}, err
	}
	return fetch(ctx, m, cfg)
}
