package document

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/cli"
	"github.com/cognito-authorizer/cognito-authorizer/shared/routes/stagepolicy"
)

// Deployment is what is known of the stage that the API is deployed to. Each resource of a policy names it, and a policy has
// at most 8 KB, so shorter names leave room for more routes. For an empty field, the longest usual value is assumed.
type Deployment struct {
	Stage     string `placeholder:"NAME" help:"Stage that the API is deployed to, such as prod. Default: any name of up to 20 characters."`
	Region    string `placeholder:"NAME" help:"Region that it is deployed to, such as eu-west-1. Default: any."`
	Partition string `placeholder:"NAME" help:"Partition, such as aws or aws-cn. Default: that of the region, or any."`
}

var (
	stageName     = regexp.MustCompile(`^([A-Za-z0-9_-]{1,128}|\$default)$`) // $default is a stage of an HTTP API
	regionName    = regexp.MustCompile(`^[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}$`)
	partitionName = regexp.MustCompile(`^aws(-[a-z]+)*$`)
)

// Known returns the deployment in the form in which policies are sized for it.
func (d Deployment) Known() (stagepolicy.Deployment, error) {
	switch {
	case d.Stage != "" && !stageName.MatchString(d.Stage):
		return stagepolicy.Deployment{}, cli.Usagef("--stage %q: API Gateway has stages of 1 to 128 characters A-Z a-z 0-9 _ -, and $default", d.Stage)
	case d.Region != "" && !regionName.MatchString(d.Region):
		return stagepolicy.Deployment{}, cli.Usagef("--region %q: write a region such as eu-west-1", d.Region)
	case d.Partition != "" && !partitionName.MatchString(d.Partition):
		return stagepolicy.Deployment{}, cli.Usagef("--partition %q: write a partition such as aws, aws-cn or aws-us-gov", d.Partition)
	}
	return stagepolicy.Deployment{Partition: cmp.Or(d.Partition, partitionOf(d.Region)), Region: d.Region, Stage: d.Stage}, nil
}

// String describes the deployment, with the bytes that it adds to each resource.
func (d Deployment) String() string {
	known, err := d.Known()
	if err != nil {
		return err.Error()
	}
	stage, region := "any stage whose name has up to 20 characters", "any region"
	if d.Stage != "" {
		stage = "stage " + d.Stage
	}
	switch {
	case d.Region != "":
		region = d.Region
	case d.Partition != "":
		region = "any region of " + d.Partition
	}
	return fmt.Sprintf("%s in %s (%d bytes before the method of each resource)", stage, region, len(known.ARN().Prefix()))
}

// partitions lists the partitions other than aws, by the prefix of their regions' names:
// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
var partitions = []struct{ prefix, name string }{
	{"cn-", "aws-cn"}, {"us-gov-", "aws-us-gov"}, {"us-iso-", "aws-iso"}, {"us-isob-", "aws-iso-b"}, {"eu-isoe-", "aws-iso-e"},
	{"us-isof-", "aws-iso-f"}, {"eusc-", "aws-eusc"},
}

// partitionOf returns the partition of a region; empty if there is no region.
func partitionOf(region string) string {
	if region == "" {
		return ""
	}
	for _, p := range partitions {
		if strings.HasPrefix(region, p.prefix) {
			return p.name
		}
	}
	return "aws"
}
