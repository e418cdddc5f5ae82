# One line for a shell, in which each step needs the one before: a task that could not be started has no ARN ("None"),
# which the wait refuses; a container that did not start has no exit code, which is not 0 either.
output "bootstrap_command" {
  description = "Makes the database's roles and extensions, waits for the task, and fails unless it ended with 0: run it after the first apply. It can be run again."
  value = "(${join(" && ", [
    join(" ", [
      "task=$(aws ecs run-task --region ${var.region} --cluster ${aws_ecs_cluster.main.name}",
      "--task-definition ${aws_ecs_task_definition.roles.family} --launch-type FARGATE",
      "--network-configuration 'awsvpcConfiguration={subnets=[${join(",", local.private_subnet_ids)}],securityGroups=[${aws_security_group.this["roles"].id}],assignPublicIp=DISABLED}'",
      "--overrides '${jsonencode({ containerOverrides = [{ name = "roles", command = ["bootstrap"] }] })}'",
      "--query 'tasks[0].taskArn' --output text)",
    ]),
    "aws ecs wait tasks-stopped --region ${var.region} --cluster ${aws_ecs_cluster.main.name} --tasks \"$task\"",
    "code=$(aws ecs describe-tasks --region ${var.region} --cluster ${aws_ecs_cluster.main.name} --tasks \"$task\" --query 'tasks[0].containers[0].exitCode' --output text)",
    "echo \"exit code $code; what it said: log group ${aws_cloudwatch_log_group.roles.name}\"",
    "[ \"$code\" = 0 ]",
  ])})"
}
