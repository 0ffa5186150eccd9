package stagepolicy

// The bound on the work for the sizes of a table's policies, and what a policy with the caller's own values counts for.
const (
	MaxCheckSteps = maxCheckSteps
	OwnSteps      = ownSteps
)

// Plans returns how many plans are remembered.
func (p *Planner) Plans() int { return len(p.plans) + len(p.ownPlans) }

// Own returns how many plans, trees and layers with callers' own values are remembered.
func (p *Planner) Own() (plans, trees, layers int) {
	return len(p.ownPlans), len(p.ownTrees), len(p.layers)
}
