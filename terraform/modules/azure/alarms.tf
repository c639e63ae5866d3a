# Who is told that GenOps itself fails: people, not GenOps.
resource "azurerm_monitor_action_group" "operators" {
  name                = "${var.name}-operators"
  resource_group_name = azurerm_resource_group.genops.name
  short_name          = "genops-ops"
  tags                = local.tags

  dynamic "email_receiver" {
    for_each = var.alarm_emails

    content {
      name                    = email_receiver.value
      email_address           = email_receiver.value
      use_common_alert_schema = true
    }
  }
}

# Queue lengths of a single queue are no metric; the host logs each message that it gives up, and GenOps each event that it refuses.
resource "azurerm_monitor_scheduled_query_rules_alert_v2" "poison" {
  name                 = "${var.name}-poison"
  resource_group_name  = azurerm_resource_group.genops.name
  location             = azurerm_resource_group.genops.location
  description          = "Work was given up. docs/deployment.md says how to look at poison queues and send messages again."
  scopes               = [azurerm_application_insights.genops.id]
  severity             = 2
  evaluation_frequency = "PT15M"
  window_duration      = "PT15M"
  tags                 = local.tags

  criteria {
    query                   = "traces | where message has \"MaxDequeueCount\" or message has \"poison\" or message has \"deadLetter\""
    time_aggregation_method = "Count"
    operator                = "GreaterThan"
    threshold               = 0
  }

  action {
    action_groups = [azurerm_monitor_action_group.operators.id]
  }
}

resource "azurerm_monitor_scheduled_query_rules_alert_v2" "failures" {
  name                 = "${var.name}-failures"
  resource_group_name  = azurerm_resource_group.genops.name
  location             = azurerm_resource_group.genops.location
  description          = "A function failed in three of four quarters of an hour."
  scopes               = [azurerm_application_insights.genops.id]
  severity             = 2
  evaluation_frequency = "PT15M"
  window_duration      = "PT15M"
  tags                 = local.tags

  criteria {
    query                   = "requests | where success == false"
    time_aggregation_method = "Count"
    operator                = "GreaterThan"
    threshold               = 0

    dimension {
      name     = "operation_Name"
      operator = "Include"
      values   = ["*"]
    }

    failing_periods {
      number_of_evaluation_periods             = 4
      minimum_failing_periods_to_trigger_alert = 3
    }
  }

  action {
    action_groups = [azurerm_monitor_action_group.operators.id]
  }
}
