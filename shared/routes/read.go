package routes

import (
	"fmt"

	"github.com/cognito-authorizer/cognito-authorizer/shared/strictjson"
)

// fileReader reads routes.json member by member: every cold start waits for it, and decoding by reflection takes twice
// as long. An unknown member and null are refused: ignored, or read as an empty object, they could widen access.
type fileReader struct{ *strictjson.Reader }

func readFile(data []byte) (f file, err error) {
	err = strictjson.Read(data, strictjson.Options{}, func(reader *strictjson.Reader) error {
		r := fileReader{reader}
		return r.Object(func(name string) (err error) {
			switch name {
			case "version":
				var version int64
				version, err = r.Int()
				f.Version = int(version)
			case "mode":
				var mode string
				mode, err = r.String()
				f.Mode = Mode(mode)
			case "contract":
				f.Digest, err = r.String()
			case "connect":
				f.Connect = new(fileRule)
				*f.Connect, err = r.rule()
			case "grants":
				f.Grants = new(Grants)
				*f.Grants, err = r.grants()
			case "rules":
				f.Rules, err = strictjson.List(r.Reader, r.rule)
			default:
				err = r.unknownMember()
			}
			return err
		})
	})
	if err != nil {
		return file{}, err
	}
	return f, nil
}

func (r fileReader) rule() (rule fileRule, err error) {
	err = r.Object(func(name string) (err error) {
		switch name {
		case "public":
			rule.Public, err = r.Bool()
		case "anyOf":
			rule.AnyOf, err = strictjson.List(r.Reader, r.allOf)
		case "routes":
			rule.Routes, err = r.Strings()
		default:
			err = r.unknownMember()
		}
		return err
	})
	return rule, err
}

func (r fileReader) allOf() (all AllOf, err error) {
	err = r.Object(func(name string) (err error) {
		switch name {
		case "scopes":
			all.Scopes, err = r.Strings()
		case "groups":
			all.Groups, err = r.Strings()
		case "claims":
			all.Claims, err = r.lists()
		case "owners":
			all.Owners, err = r.lists()
		case "max_age":
			if all.MaxAge, err = r.Int(); err == nil && all.MaxAge < 1 { // 0 would be no condition
				err = fmt.Errorf("byte %d: max_age is not positive", r.Offset())
			}
		default:
			err = r.unknownMember()
		}
		return err
	})
	return all, err
}

func (r fileReader) grants() (g Grants, err error) {
	err = r.Object(func(name string) (err error) {
		switch name {
		case "groups":
			g.Groups, err = r.lists()
		case "clients":
			g.Clients, err = r.lists()
		default:
			err = r.unknownMember()
		}
		return err
	})
	return g, err
}

// lists reads an object of lists of strings.
func (r fileReader) lists() (map[string][]string, error) {
	all := make(map[string][]string)
	err := r.Object(func(name string) (err error) {
		all[name], err = r.Strings()
		return err
	})
	return all, err
}

func (r fileReader) unknownMember() error { return fmt.Errorf("byte %d: unknown member", r.Offset()) }
