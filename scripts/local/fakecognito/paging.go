package fakecognito

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"
)

const (
	maxPage     = 60 // the maximum and the default
	tokenPrefix = "after "
)

// paginate returns one page of all, sorted by key. The token contains the key of the last item of the previous page, so adding or
// removing items between two calls neither repeats nor skips others.
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
		name, valid := strings.CutPrefix(string(text), tokenPrefix)
		if err != nil || !valid {
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
