package stagepolicy

// Plans returns how many plans are remembered.
func (p *Planner) Plans() int { return len(p.plans) + len(p.ownPlans) }

// Own returns how many plans, trees and layers with callers' own values are remembered.
func (p *Planner) Own() (plans, trees, layers int) {
	return len(p.ownPlans), len(p.ownTrees), len(p.layers)
}
