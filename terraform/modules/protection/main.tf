# Almost every resource carries name and region, so a change of either would replace the system, users included.
resource "terraform_data" "identity" {
  for_each = toset(var.enabled ? ["protected"] : [])

  input = { name = var.name, region = var.region }

  lifecycle {
    ignore_changes = [input]

    postcondition {
      condition     = self.input.name == var.name
      error_message = "name was \"${self.input.name}\" and is now \"${var.name}\". That would delete the user pool with its users, the functions and the API, and create new ones. Write name = \"${self.input.name}\". For a second system use another state: terraform workspace new ${var.name}. To replace this one, apply deletion_protection = false with the old name first."
    }

    postcondition {
      condition     = self.input.region == var.region
      error_message = "The system is in ${self.input.region}, and the region is now ${var.region}. Terraform would create everything again there and forget what it has here. Write region = \"${self.input.region}\". For the same system in a second region use another state: terraform workspace new ${var.region}."
    }
  }
}

# Terraform destroys this first, since it depends on everything (depends_on of the module), and fails here while protection
# is on. Otherwise it would delete the API, the clients and the domain before AWS refuses to delete the pool.
resource "terraform_data" "destroy" {
  input = var.enabled

  provisioner "local-exec" {
    when    = destroy
    command = self.output ? "echo deletion_protection is on, so nothing is destroyed. Turn it off first: terraform apply -var=deletion_protection=false && exit 1" : "exit 0"
  }

  depends_on = [terraform_data.identity] # a destroy that fails must not forget the identity
}
