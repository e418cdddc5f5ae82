output "bootstrap_command" {
  description = "Makes the database's roles and extensions: run it once after the first apply, when the image is pushed. It can be run again."
  value = join(" ", [
    "aws ecs run-task --region ${var.region} --cluster ${aws_ecs_cluster.main.name}",
    "--task-definition ${aws_ecs_task_definition.roles.family} --launch-type FARGATE",
    "--network-configuration 'awsvpcConfiguration={subnets=[${join(",", local.private_subnet_ids)}],securityGroups=[${aws_security_group.this["roles"].id}],assignPublicIp=DISABLED}'",
    "--overrides '${jsonencode({ containerOverrides = [{ name = "roles", command = ["bootstrap"] }] })}'",
  ])
}
