package main

// inspect answers an inspect_request.
func (n *notebook) inspect(code string, cursor int) map[string]any {
	return map[string]any{"status": "ok", "found": false, "data": map[string]any{}, "metadata": map[string]any{}}
}
