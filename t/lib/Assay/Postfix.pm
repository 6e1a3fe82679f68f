package Assay::Postfix;

# A whole Postfix of the test's own, from unpacked packages, in the test's
# directory and on loopback ports.
#
#   my $mta = Assay::Postfix->new($dir,
#       milters => ['inet:127.0.0.1:8895'],   # smtpd_milters
#       users   => { alice => 'secret' },      # SMTP AUTH on the submission port
#       sink    => $sink->port,                # where all other mail goes
#       domains => ['test.example'],           # delivered here
#       main    => "milter_default_action = accept\n", master => '');
#   $mta->port               # MX; XCLIENT is allowed
#   $mta->submission_port    # {daemon_name} is ORIGINATING
#   $mta->proxy_port         # expects HAProxy's PROXY line
#   ($message) = $mta->wait_mail(1);
#   $mta->wait_log(qr/milter-reject/);
use strict;
use warnings;
use Carp;
use Cwd 'abs_path';
use JSON::PP;
use Time::HiRes ();
use Assay::Dir qw(ports spawn stop wait_for at_end slurp spew listening);
use Assay::Dovecot;
use Assay::Fetched qw(prefix program library_path);

# An account and a group of every Debian that own nothing a test could hurt.
my ($owner, $group) = ('proxy', 'list');

sub new {
    my ($class, $dir, %o) = @_;
    my $path = $dir->dir($o{name} // 'postfix');
    my $self = bless { path => $path, port => ports(3),
                       hostname => $o{hostname} // 'mx.test.example', %o }, $class;
    mkdir "$path/$_" for qw(etc spool data log mail sock);
    chown +(getpwnam $owner)[2], -1, "$path/data";
    chmod 01777, "$path/mail", "$path/sock";
    Assay::Dovecot->new("$path/sock/auth", %{ $o{users} }) if $o{users};
    $self->configure;
    $self->start unless defined $o{start} && !$o{start};
    return $self;
}

sub port            { return $_[0]{port} }
sub submission_port { return $_[0]{port} + 1 }
sub proxy_port      { return $_[0]{port} + 2 }

# Every Postfix program dozes until main.cf is two seconds old.
sub backdate {
    my ($self) = @_;
    utime time - 60, time - 60, map { "$self->{path}/etc/$_" } qw(main.cf master.cf);
    return;
}

# Each parameter once, as it was set last. Of one that is set twice each program
# warns at its start; before postlogd reads, a dozen such lines fill its socket,
# and postlogd, which warns as well, waits for itself forever.
sub last_of_each {
    my ($text) = @_;
    my (%last, @lines);
    for my $line ($text =~ /^.*\n(?:[ \t]+\S.*\n)*/mg) {
        my ($name) = $line =~ /^(\w+)\s*=/;
        $lines[$last{$name}] = '' if defined $name && exists $last{$name};
        $last{$name} = @lines if defined $name;
        push @lines, $line;
    }
    return join '', @lines;
}

sub configure {
    my ($self) = @_;
    my $etc = "$self->{path}/etc";
    spew("$etc/main.cf", last_of_each($self->main_cf));
    spew("$etc/master.cf", $self->master_cf);
    spew("$etc/dynamicmaps.cf", '');
    spew("$etc/postfix-files", slurp(prefix() . '/etc/postfix/postfix-files'));
    $self->backdate;
    return;
}

sub main_cf {
    my ($self) = @_;
    my ($path, $prefix) = ($self->{path}, abs_path(prefix()));
    my $milters = join ' ', @{ $self->{milters} // [] };
    my $local = join ' ', @{ $self->{non_smtpd_milters} // $self->{milters} // [] };
    my $domains = join ' ', @{ $self->{domains} // ['test.example'] };
    my $others = $self->{sink} ? "smtp:[127.0.0.1]:$self->{sink}" : 'error:no sink';
    return <<"EOT" . ($self->{main} // '');
compatibility_level = 3.6
# where everything lives
queue_directory = $path/spool
data_directory = $path/data
command_directory = $prefix/usr/sbin
daemon_directory = $prefix/usr/lib/postfix/sbin
shlib_directory = $prefix/usr/lib/postfix
meta_directory = $path/etc
sendmail_path = $prefix/usr/sbin/sendmail
mailq_path = $prefix/usr/sbin/mailq
newaliases_path = $prefix/usr/sbin/newaliases
sample_directory = $path/etc
readme_directory = no
html_directory = no
mail_owner = $owner
setgid_group = $group
default_privs = nobody
maillog_file = $path/log/maillog
maillog_file_prefixes = $path
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C POSTLOG_SERVICE
    POSTLOG_HOSTNAME LD_LIBRARY_PATH
export_environment = TZ MAIL_CONFIG LANG LD_LIBRARY_PATH
# loopback, no DNS
inet_interfaces = 127.0.0.1
# "all", so that XCLIENT takes an IPv6 ADDR
inet_protocols = all
myhostname = $self->{hostname}
mydomain = test.example
myorigin = \$mydomain
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
local_transport = error:no local delivery
biff = no
disable_dns_lookups = yes
smtp_dns_support_level = disabled
smtp_host_lookup = native
lmtp_host_lookup = native
append_dot_mydomain = no
recipient_delimiter = +
# every user of our domains in one maildir; the rest to the sink
virtual_mailbox_domains = $domains
virtual_mailbox_base = $path/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 100
virtual_alias_maps =
default_transport = $others
relayhost =
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated,
    reject_unauth_destination
smtpd_recipient_restrictions =
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_peername_lookup = no
# The default looks at the socket, which XCLIENT does not change: every client
# would be local and get a Date and a Message-Id.
local_header_rewrite_clients = permit_mynetworks
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
in_flow_delay = 0
# large messages, and many at once
message_size_limit = 0
mailbox_size_limit = 0
virtual_mailbox_limit = 0
default_process_limit = 300
smtpd_sasl_type = dovecot
smtpd_sasl_path = $path/sock/auth
smtpd_milters = $milters
non_smtpd_milters = $local
milter_default_action = tempfail
milter_connect_timeout = 5s
milter_command_timeout = 10s
milter_content_timeout = 20s
milter_protocol = 6
EOT
}

sub master_cf {
    my ($self) = @_;
    my ($mx, $submission, $proxy) = map { $self->{port} + $_ } 0 .. 2;
    my $sasl = $self->{users} ? "  -o smtpd_sasl_auth_enable=yes\n" : '';
    return <<"EOT" . ($self->{master} // '');
127.0.0.1:$mx inet n - n - - smtpd
127.0.0.1:$submission inet n - n - - smtpd
  -o milter_macro_daemon_name=ORIGINATING
${sasl}127.0.0.1:$proxy inet n - n - - smtpd
  -o smtpd_upstream_proxy_protocol=haproxy
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
EOT
}

# Runs a program of this instance, with its input; returns what it printed.
sub run {
    my ($self, $program, @arguments) = @_;
    my $input = ref $arguments[-1] ? ${ pop @arguments } : '';
    my $out = "$self->{path}/log/$program.out";
    spew("$self->{path}/log/$program.in", $input);
    unlink $out;
    # sendmail takes its directory after -C, the others after -c.
    my $flag = $program eq 'sendmail' ? '-C' : '-c';
    my $command = prefix() . "/usr/sbin/$program";
    my $pid = spawn(log => $out, env => { LD_LIBRARY_PATH => library_path() }, code => sub {
        open STDIN, '<', "$self->{path}/log/$program.in" or die "$!";
        exec { $command } $command, $flag, "$self->{path}/etc", @arguments or die "$command: $!";
    });
    $self->{child} = $pid;
    $self->{status} = stop($pid, 0, 60);
    return slurp($out);
}

sub start {
    my ($self) = @_;
    # The master is no child of ours. A test that is interrupted while it
    # starts must let it come up before it can be stopped.
    at_end(sub { stop($self->{child}, 0, 20); $self->stop_mta }) unless exists $self->{up};
    $self->{up} = 1;
    my $out = $self->run('postfix', 'start');
    wait_for(sub { listening($self->{port} + 2) }, 10)
        or croak "postfix does not start: $out" . $self->log;
    return;
}

sub stop_mta {
    my ($self) = @_;
    return '' unless $self->{up};
    $self->{up} = 0;
    return $self->run('postfix', 'stop');
}

# What master(8) has started and not yet buried.
sub children {
    my ($self) = @_;
    my ($master) = slurp("$self->{path}/spool/pid/master.pid") =~ /(\d+)/ or croak 'no master';
    return split ' ', slurp("/proc/$master/task/$master/children");
}

# master(8) says "reload" before it begins, and an idle smtpd of before may
# still take a connection that master never hears of: the next ones then wait
# until that one ends. So until they are all gone; no connection may be open.
sub reload {
    my ($self) = @_;
    my %before = map { $_ => 1 } $self->children;
    $self->configure;
    my $out = $self->run('postfix', 'reload');
    wait_for(sub { !grep({ $before{$_} } $self->children) }, 20)
        or croak 'postfix does not reload: ' . $self->log;
    return $out;
}

sub flush { return $_[0]->run('postqueue', '-f') }
sub log   { return slurp("$_[0]{path}/log/maillog") }

# The log once it matches, nothing after so many seconds.
sub wait_log {
    my ($self, $pattern, $seconds) = @_;
    return wait_for(sub { my $log = $self->log; $log =~ $pattern ? $log : '' }, $seconds);
}

# A local submission, as a program on the host makes it.
sub sendmail {
    my ($self, $message, @arguments) = @_;
    return $self->run('sendmail', @arguments, \$message);
}

# What is queued, a hash each: queue_name ("hold", "deferred"), queue_id ...
sub queue {
    my ($self) = @_;
    return map { decode_json($_) } grep { /^\{/ } split /\n/, $self->run('postqueue', '-j');
}

# Messages delivered here, in the order of their arrival: octets with three
# fields of Postfix's on top.
sub mail {
    my ($self) = @_;
    my @files = glob "$self->{path}/mail/all/new/*";
    my %when = map { $_ => (Time::HiRes::stat($_))[9] } @files;
    return map { slurp($_) } sort { $when{$a} <=> $when{$b} } @files;
}

sub wait_mail {
    my ($self, $n, $seconds) = @_;
    wait_for(sub { my @all = glob "$self->{path}/mail/all/new/*"; @all >= $n }, $seconds) or return;
    return $self->mail;
}

1;
