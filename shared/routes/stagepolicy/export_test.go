package stagepolicy

// Plans returns how many plans are remembered.
func (p *Planner) Plans() int { return len(p.plans) + len(p.ownPlans) }
