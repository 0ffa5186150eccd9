# No resources: the rule for origins is in the validations of variables.tf, and the modules for APIs read the output.
