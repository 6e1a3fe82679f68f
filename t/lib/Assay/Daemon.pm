package Assay::Daemon;

# assayd with a configuration of the test's own.
#
#   my $assayd = Assay::Daemon->new($dir, options => {
#       authserv_id => 'mx.test.example', nameservers => ["127.0.0.1\@$port"],
#       internal_networks => [], enforce => 'reject' },
#       text => "...more of the file...", socket => 'unix');   # default: inet
#   milters => [$assayd->postfix_socket];  milters => [assay => $assayd->sendmail_socket]
#   $assayd->wait_log(qr/dmarc=fail/); my @lines = $assayd->log_lines(qr/queue=X/);
#   $assayd->reload; $assayd->stop_daemon; $assayd->kill_daemon;
#   my ($status, $out) = $assayd->control('status', '--json');
use strict;
use warnings;
use Carp;
use Assay::Dir qw(ports spawn stop running wait_for slurp spew listening);

sub new {
    my ($class, $dir, %o) = @_;
    my $name = $o{name} // 'assayd';
    my $self = bless {
        path => $dir->dir($name), options => {}, text => '', arguments => [],
        program => ($ENV{top_builddir} // '.') . '/assayd', %o,
    }, $class;
    if (($o{socket} // 'inet') eq 'unix') {
        # Sendmail refuses a socket in a directory that others can write to.
        $self->{unix} = $dir->dir("$name/run", 0755) . '/sock';
    } else {
        $self->{port} = ports(1);
    }
    $self->configure(%{ $self->{options} });
    $self->start unless defined $o{start} && !$o{start};
    return $self;
}

sub port { return $_[0]{port} }

# The same socket as each party writes it.
sub milter_socket {
    my ($self) = @_;
    return $self->{unix} ? "unix:$self->{unix}" : "inet:$self->{port}\@127.0.0.1";
}
sub sendmail_socket { return $_[0]->milter_socket }

sub postfix_socket {
    my ($self) = @_;
    return $self->{unix} ? "unix:$self->{unix}" : "inet:127.0.0.1:$self->{port}";
}

sub control_socket { return "$_[0]{path}/control" }

# assay status, reload or drain, of this daemon: exit status, output.
sub control {
    my ($self, $what, @more) = @_;
    my $tool = ($ENV{top_builddir} // '.') . '/assay';
    my $out = `$tool $what -c $self->{path}/assay.conf @more 2>&1`;
    return ($? >> 8, $out);
}

sub quoted {
    my ($value) = @_;
    return $value if $value =~ /^\d+$/;
    return '"' . $value =~ s/(["\\])/\\$1/gr . '"';
}

# Writes the configuration anew; what it says counts after a start or reload.
sub configure {
    my ($self, %options) = @_;
    $self->{options} = {%options};
    my %all = (socket => $self->milter_socket, control_socket => $self->control_socket,
        journal_dir => "$self->{path}/journal", %options);
    my $text = join '', map {
        my $value = $all{$_};
        "$_ = " . (ref $value ? '{ ' . join(', ', map { quoted($_) } @$value) . ' }' : quoted($value))
            . "\n";
    } sort keys %all;
    spew("$self->{path}/assay.conf", $text . $self->{text});
    return;
}

sub start {
    my ($self) = @_;
    $self->{pid} = spawn(
        command => [$self->{program}, '-f', '-c', "$self->{path}/assay.conf", @{ $self->{arguments} }],
        env => { ASAN_OPTIONS => 'abort_on_error=1',
            TSAN_OPTIONS => 'suppressions=' . ($ENV{top_srcdir} // '.') . '/t/data/tsan-suppressions',
            %{ $self->{env} // {} } },
        log => "$self->{path}/log");
    my $up = wait_for(sub {
        listening($self->{unix} // $self->{port}) || !running($self->{pid});
    }, 20);
    croak "$self->{program} does not start: " . $self->log unless $up && running($self->{pid});
    return;
}

# Is it alive? A sanitizer's finding, an assertion and a crash all end it.
sub alive { return running($_[0]{pid}) }

sub reload { return kill 'HUP', $_[0]{pid} }

# Ends it as an administrator does. Returns the wait status: 0 when all is well.
sub stop_daemon {
    my ($self, $seconds) = @_;
    return stop($self->{pid}, 'TERM', $seconds // 20);
}

# Ends it as the kernel does when memory runs out.
sub kill_daemon {
    my ($self) = @_;
    return stop($self->{pid}, 'KILL');
}

# What it wrote: log lines and, if ever, a sanitizer's report.
sub log { return slurp("$_[0]{path}/log") }

sub log_lines {
    my ($self, $pattern) = @_;
    return grep { !defined $pattern || /$pattern/ } split /\n/, $self->log;
}

sub wait_log {
    my ($self, $pattern, $seconds) = @_;
    return wait_for(sub { my $log = $self->log; $log =~ $pattern ? $log : '' }, $seconds);
}

1;
