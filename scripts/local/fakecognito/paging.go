package fakecognito

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"
)

const (
	maxPage     = 60 // the largest page, and the usual one
	tokenPrefix = "after "
)

// paginate cuts one page out of all, in the order of key. The token names the last item of the page
// before, so items that come or go between two calls neither repeat others nor hide them.
func paginate[T any](all []T, key func(T) string, limit *int, token string) (page []T, next string, err error) {
	size := maxPage
	if limit != nil {
		size = cmp.Or(*limit, maxPage)
	}
	if size < 0 || size > maxPage {
		return nil, "", invalidParameter("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: "+
			"Member must have value between 0 and %d", size, maxPage)
	}
	last := ""
	if token != "" {
		text, err := base64.StdEncoding.DecodeString(token)
		name, ours := strings.CutPrefix(string(text), tokenPrefix)
		if err != nil || !ours {
			return nil, "", invalidParameter("Invalid pagination token")
		}
		last = name
	}
	page = slices.DeleteFunc(slices.Clone(all), func(item T) bool { return key(item) <= last })
	slices.SortFunc(page, func(a, b T) int { return strings.Compare(key(a), key(b)) })
	if len(page) <= size {
		return page, "", nil
	}
	page = page[:size]
	return page, base64.StdEncoding.EncodeToString([]byte(tokenPrefix + key(page[size-1]))), nil
}
