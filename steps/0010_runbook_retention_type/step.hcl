description = "A runbook's retention policy has a type: by count, or the default in place of a hundred runs"
document    = "runbook"

modify {
  in "run_retention_policy" {
    in "" {
      when   = self.quantity_to_keep == 100
      remove = ["quantity_to_keep"]
      set    = { type = "Default" }
    }

    in "" {
      when    = self.quantity_to_keep != null
      default = { type = "Count" }
    }
  }
}

down {
  in "run_retention_policy" {
    in "" {
      when   = self.type == "Default" && self.quantity_to_keep == null
      remove = ["type"]
      set    = { quantity_to_keep = 100 }
    }

    # A count of a hundred was the default before, so that this one has nowhere to go.
    in "" {
      when   = self.type == "Count" && self.quantity_to_keep != null && self.quantity_to_keep != 100
      remove = ["type"]
    }
  }
}
