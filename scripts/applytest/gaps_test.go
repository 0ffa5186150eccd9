package applytest

import "regexp"

// gaps are the values that moto does not store, so that Terraform would set them again. Anything else must not change in a
// second plan.
var gaps = []struct {
	change *regexp.Regexp
	reason string
}{
	{
		regexp.MustCompile(`^module\..*\.aws_lambda_function\.this\.logging_config$`),
		"moto does not keep a function's log format and levels",
	},
	{
		regexp.MustCompile(`\.aws_cognito_user_pool\.this\.user_pool_tier$`),
		"moto does not keep the tier of a pool",
	},
	{
		regexp.MustCompile(`\.aws_cognito_user_pool_domain\.this\[0\]\.managed_login_version$`),
		"moto does not keep the version of managed login",
	},
	{
		regexp.MustCompile(`aws_cloudfront_distribution\.this\.(default|ordered)_cache_behavior\[0\]\.forwarded_values$`),
		"moto adds forwarded values beside a cache policy",
	},
	{
		regexp.MustCompile(`aws_cloudfront_distribution\.this\.(default|ordered)_cache_behavior\[0\]\.function_association$`),
		"moto does not keep the functions of a behaviour",
	},
	{
		regexp.MustCompile(`aws_cloudfront_distribution\.this\.origin\[[01]\]\.origin_access_control_id$`),
		"moto does not keep the access control of an origin",
	},
	{
		regexp.MustCompile(`aws_cloudfront_distribution\.this\.viewer_certificate\[0\]\.ssl_support_method$`),
		"moto adds a method for CloudFront's own certificate",
	},
}

func gapFor(c change) string {
	for _, gap := range gaps {
		if gap.change.MatchString(string(c)) {
			return gap.reason
		}
	}
	return ""
}
