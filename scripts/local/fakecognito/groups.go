package fakecognito

func checkGroupName(name string) error {
	if !usernamePattern.MatchString(name) { // group names have the form of usernames
		return invalidParameter("1 validation error detected: Value at 'groupName' failed to satisfy constraint: " +
			`Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+`)
	}
	return nil
}
