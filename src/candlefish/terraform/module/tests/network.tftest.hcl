run "nothing_stands_in_one_zone_alone" {
  command = plan

  assert {
    condition     = length(distinct([for subnet in local.private_subnets : subnet.zone])) == var.zones || var.vpc_id != null
    error_message = "Each zone has a private subnet of its own."
  }
}

run "every_flow_has_a_way_out_and_a_way_in" {
  command = plan

  assert {
    condition     = keys(aws_vpc_security_group_egress_rule.flow) == keys(aws_vpc_security_group_ingress_rule.flow)
    error_message = "A rule on one side alone lets nothing through."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_ingress_rule.flow : rule.cidr_ipv4 == null && rule.cidr_ipv6 == null && rule.prefix_list_id == null])
    error_message = "Only security groups are let in."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_egress_rule.flow : rule.ip_protocol == "tcp" && rule.from_port == rule.to_port])
    error_message = "One port for each flow."
  }
}

run "the_database_calls_nobody" {
  command = plan

  assert {
    condition     = alltrue([for flow in local.flows : !contains(["database", "cache", "endpoints"], flow.from)])
    error_message = "What holds data only answers."
  }
}

run "a_given_vpc_is_left_as_it_is" {
  command = plan

  variables {
    vpc_id             = "vpc-0123456789abcdef0"
    private_subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1", "subnet-0123456789abcdef2"]
    https_cidr_blocks  = ["10.0.0.0/8"]
  }

  assert {
    condition     = length(aws_vpc.main) + length(aws_subnet.private) + length(aws_vpc_endpoint.interface) + length(aws_vpc_endpoint.s3) == 0
    error_message = "In a VPC that is there nothing of the network is made."
  }

  assert {
    condition     = local.private_subnet_ids == var.private_subnet_ids
    error_message = "The given subnets are used."
  }

  assert {
    condition     = alltrue([for rule in aws_vpc_security_group_egress_rule.door : rule.from_port == 443 && rule.to_port == 443]) # HTTPS
    error_message = "AWS is called over HTTPS alone."
  }
}

run "a_given_vpc_without_subnets_is_refused" {
  command = plan

  variables {
    vpc_id             = "vpc-0123456789abcdef0"
    private_subnet_ids = ["subnet-0123456789abcdef0"]
  }

  expect_failures = [var.vpc_id]
}

run "one_zone_is_refused" {
  command = plan

  variables {
    zones = 1
  }

  expect_failures = [var.zones]
}

run "a_region_with_fewer_zones_is_refused" {
  command = plan

  variables {
    vpc_id = null
    zones  = 3
  }

  override_data {
    target = data.aws_availability_zones.available
    values = { names = ["first", "second"] }
  }

  expect_failures = [aws_vpc.main]
}
