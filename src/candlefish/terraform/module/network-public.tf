# Public subnets, for the application's load balancer alone, where nothing stands before it.

locals {
  public_subnets = {
    for zone in range(var.vpc_id == null && var.application_public ? var.zones : 0) :
    "public-${zone + 1}" => { zone = zone, cidr_block = cidrsubnet(var.vpc_cidr, 4, 8 + zone) } # of 16 blocks the second half
  }

  public_subnet_ids = var.vpc_id == null ? [for subnet in aws_subnet.public : subnet.id] : var.public_subnet_ids
}

resource "aws_subnet" "public" {
  for_each = local.public_subnets

  vpc_id                  = local.vpc_id
  availability_zone       = local.zones[each.value.zone]
  cidr_block              = each.value.cidr_block
  map_public_ip_on_launch = false

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_internet_gateway" "public" {
  count = length(local.public_subnets) > 0 ? 1 : 0

  vpc_id = local.vpc_id

  tags = { Name = var.name }
}

resource "aws_route_table" "public" {
  count = length(local.public_subnets) > 0 ? 1 : 0

  vpc_id = local.vpc_id

  tags = { Name = "${var.name}-public" }
}

resource "aws_route" "internet" {
  count = length(local.public_subnets) > 0 ? 1 : 0

  route_table_id         = aws_route_table.public[0].id
  gateway_id             = aws_internet_gateway.public[0].id
  destination_cidr_block = "0.0.0.0/0"
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public[0].id
}
