package datasets

import (
	"fmt"
	"path/filepath"
)

// TablePath returns where the parsed form of a published table is kept, such as
// that of "nasbench101": nngplab/tables/NAME.parquet below the user's cache
// folder, whatever file it was made from (the table itself names that). It
// returns an error if the system names no cache folder.
func TablePath(name string) (string, error) {
	dir, err := CacheDir()
	if err != nil {
		return "", fmt.Errorf("%w (name a file to keep the table in: --table FILE of the command)", err)
	}
	return filepath.Join(filepath.Dir(dir), "tables", name+".parquet"), nil
}
