module tallystick.example/outsider

go 1.22
