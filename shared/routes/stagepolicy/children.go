package stagepolicy

// children are the nodes of a tree below one of its nodes, by token. Most nodes have few, which a map would be slow for.
type children[Node any] struct {
	all []child[Node]
	of  map[string]*Node // if there are more than fewChildren
}

type child[Node any] struct {
	token string
	node  *Node
}

const fewChildren = 8

func (c *children[Node]) get(token string) *Node {
	if c.of != nil {
		return c.of[token]
	}
	for _, child := range c.all {
		if child.token == token {
			return child.node
		}
	}
	return nil
}

// add adds a node whose token is new.
func (c *children[Node]) add(token string, n *Node) {
	c.all = append(c.all, child[Node]{token, n})
	switch {
	case c.of != nil:
		c.of[token] = n
	case len(c.all) > fewChildren:
		c.of = make(map[string]*Node, len(c.all))
		for _, child := range c.all {
			c.of[child.token] = child.node
		}
	}
}
